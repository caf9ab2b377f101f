// An integration test with PostgreSQL: a fresh one for this file, on a port that is free, used when it is
// ready, gone afterwards. `node --test examples/integration-test.mjs`
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { Dokeres } from 'dokeres'

/** What is tested: counts visits. `query` is your driver's. @param {(sql: string) => Promise<string[][]>} query */
function visitors(query) {
  const quote = (/** @type {string} */ text) => `'${text.replaceAll("'", "''")}'`
  return {
    create: () => query('CREATE TABLE visits (page text PRIMARY KEY, times int NOT NULL)'),
    /** @param {string} page @returns how often it has been visited by now */
    async visit(page) {
      const [row] = await query(
        `INSERT INTO visits VALUES (${quote(page)}, 1)
         ON CONFLICT (page) DO UPDATE SET times = visits.times + 1 RETURNING times`,
      )
      return Number(row?.[0])
    },
  }
}

// All that it makes is of one session, and a helper process removes that even where this one is killed.
const dokeres = new Dokeres({ reaper: true })
const password = 'for this test only'
const visits = visitors(query)
/** @type {import('dokeres').DokeresContainer | undefined} */
let database
/** @type {{ host: string, port: number }} */
let address

before(async () => {
  const image = dokeres.image(process.env.DOKERES_EXAMPLE_POSTGRES ?? 'postgres:17-alpine')
  const starting = image.run({
    env: { POSTGRES_PASSWORD: password, POSTGRES_HOST_AUTH_METHOD: 'password' },
    command: ['postgres', '-c', 'fsync=off'],
    mapped: { '5432/tcp': true },
    // The image starts it twice: first for its own set-up, on a unix socket only. That one says that it is
    // ready, and to a `pg_isready` without a host as well; over TCP only the second one answers.
    waitFor: {
      exec: ['pg_isready', '--host', '127.0.0.1', '--username', 'postgres'],
      port: 5432,
      timeout: '60s',
    },
  })
  // Where it does not come up: at once where it ends, with its last lines, which not all reporters show.
  database = await starting.catch((error) => {
    if (error.logs) console.error(error.logs.join('\n'))
    throw error
  })
  address = await database.port(5432)
  await visits.create()
})

after(() => database?.remove({ force: true, volumes: true }))

test('the first visit is number one', async () => {
  assert.equal(await visits.visit('/'), 1)
  assert.equal(await visits.visit('/'), 2)
  assert.equal(await visits.visit("/it's"), 1)
})

test('of visits at once each is counted', async () => {
  const counts = await Promise.all(Array.from({ length: 20 }, () => visits.visit('/crowded')))
  assert.deepEqual(
    counts.sort((a, b) => a - b),
    Array.from({ length: 20 }, (_, index) => index + 1),
  )
})

test('what the database refuses is an error', async () => {
  await assert.rejects(visits.create(), /relation "visits" already exists/)
})

/** One query, in PostgreSQL's own protocol, so that this example needs no driver. @param {string} sql */
async function query(sql) {
  const message = (/** @type {string} */ type, /** @type {string} */ body) => {
    const bytes = Buffer.from(`${type}____${body}\0`)
    bytes.writeInt32BE(bytes.length - type.length, type.length)
    return bytes
  }
  const socket = connect(address.port, address.host)
  // All at once: who we are, the password, the query.
  const start = message('', '\0\x03\0\0user\0postgres\0')
  socket.end(Buffer.concat([start, message('p', password), message('Q', sql)]))
  const reply = Buffer.concat(await socket.toArray())
  /** @type {string[][]} */
  const rows = []
  for (let at = 0; at < reply.length; at += 1 + reply.readInt32BE(at + 1)) {
    const type = String.fromCharCode(reply[at] ?? 0)
    const body = reply.subarray(at + 5, at + 1 + reply.readInt32BE(at + 1))
    if (type === 'E') throw new Error(/\0M(.*?)\0/.exec(`${body}`)?.[1])
    if (type === 'D') rows.push(columns(body.subarray(2)))
  }
  return rows
}

/** @param {Buffer} body */
function columns(body) {
  const found = []
  for (let at = 0; at < body.length;) {
    // A NULL has the length -1.
    const end = at + 4 + Math.max(0, body.readInt32BE(at))
    found.push(body.toString('utf8', at + 4, end))
    at = end
  }
  return found
}
