// An image of the PostgreSQL that Debian and Ubuntu have, for a place where none can be pulled. What it does
// at its start is what the official image does: it sets itself up first, with a server of its own for that.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canInstall, install } from '../../scripts/lib/engine/packages.mjs'

const HOME = '/usr/lib/postgresql'

/** As https://github.com/docker-library/postgres has it, as far as a test can tell. */
const ENTRYPOINT = `#!/bin/sh
set -e
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  if [ -z "$POSTGRES_PASSWORD" ]; then
    echo 'Error: Database is uninitialized and superuser password is not specified.' >&2
    echo '       You must specify POSTGRES_PASSWORD to a non-empty value for the' >&2
    echo '       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".' >&2
    exit 1
  fi
  echo "$POSTGRES_PASSWORD" > /tmp/password
  initdb --no-locale -E UTF8 -U postgres --pwfile /tmp/password -D "$PGDATA"
  echo "host all all all \${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >> "$PGDATA/pg_hba.conf"
  echo "listen_addresses = '*'" >> "$PGDATA/postgresql.conf"
  pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
  # What scripts in /docker-entrypoint-initdb.d would take.
  sleep 1
  pg_ctl -D "$PGDATA" -m fast -w stop
  echo 'PostgreSQL init process complete; ready for start up.'
fi
exec "$@"
`

/** Where it is, once it is there; null where it cannot be had. */
export function findPostgres() {
  if (!existsSync(HOME) && canInstall()) install(['postgresql'])
  const releases = existsSync(HOME) ? readdirSync(HOME) : []
  const release = releases.find((each) => existsSync(`${HOME}/${each}/bin/initdb`))
  return release ? { home: `${HOME}/${release}`, share: `/usr/share/postgresql/${release}` } : null
}

/**
 * @param {import('../../index.js').Dokeres} dokeres
 * @param {string} name
 * @param {{ home: string, share: string }} postgres
 */
export async function buildPostgres(dokeres, name, { home, share }) {
  const programs = ['postgres', 'initdb', 'pg_ctl', 'pg_isready'].map(
    (each) => `${home}/bin/${each}`,
  )
  const modules = ['plpgsql', 'dict_snowball'].map((each) => `${home}/lib/${each}.so`)
  const linked = execFileSync('ldd', [...programs, ...modules], { encoding: 'utf8' })
  const libraries = new Set([...linked.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path))
  const paths = [...programs, ...modules, ...libraries, share].map((path) => path.slice(1))
  const folder = mkdtempSync(join(tmpdir(), 'dokeres-postgres-'))
  try {
    writeFileSync(join(folder, 'Dockerfile'), dockerfile(`${home}/bin`))
    writeFileSync(join(folder, 'entrypoint'), ENTRYPOINT, { mode: 0o755 })
    // Libraries are links, and wanted by the links' names.
    const args = ['-ch', '-C', '/', ...paths, '-C', folder, 'Dockerfile', 'entrypoint']
    const tar = spawn('tar', args, { stdio: ['ignore', 'pipe', 'inherit'] })
    await dokeres.image({ name, context: tar.stdout, builder: 'classic' }).build()
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** @param {string} programs */
const dockerfile = (programs) => `
FROM ${process.env.DOKERES_TEST_BASE}
COPY . /
ENV PATH=${programs}:/bin PGDATA=/var/lib/postgresql/data
RUN echo postgres:x:70:70::/:/bin/sh >> /etc/passwd && mkdir -p $PGDATA /var/run/postgresql && \\
    chown 70:70 $PGDATA /var/run/postgresql
USER 70:70
VOLUME /var/lib/postgresql/data
EXPOSE 5432
STOPSIGNAL SIGINT
ENTRYPOINT ["/entrypoint"]
CMD ["postgres"]
`
