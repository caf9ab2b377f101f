// Registries that want to know who asks, over the storage of the open one: what that has, they have.
import { execFileSync } from 'node:child_process'
import { X509Certificate, createPrivateKey, randomBytes, sign } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { install } from '../../scripts/lib/engine/packages.mjs'
import { end } from '../../scripts/lib/engine/processes.mjs'
import { startRegistry } from '../../scripts/lib/engine/registry.mjs'

const SERVICE = 'dokeres-test-registry'
const ISSUER = 'dokeres-test-tokens'

/** @typedef {{ users: Record<string, string>, identityTokens?: Record<string, string> }} Known passwords and users, by name and by token */

/**
 * A registry that wants bearer tokens, and the server that it sends its clients to for them.
 * @param {Known} known
 */
export async function startTokenRegistry({ users, identityTokens = {} }) {
  const folder = mkdtempSync(join(tmpdir(), 'dokeres-tokens-'))
  const key = signingKey(folder)
  let lifetime = 300
  /** @type {{ method?: string, grant: string, user?: string }[]} */
  const asked = []
  const server = createServer(async (request, response) => {
    const { grant, user, scopes } = await read(request, users, identityTokens)
    asked.push({ method: request.method, grant, user })
    response.setHeader('content-type', 'application/json')
    if (grant !== 'anonymous' && user === undefined) {
      response.writeHead(401).end('{"details":"incorrect username or password"}')
      return
    }
    const token = issue(key, user ? scopes : [], lifetime)
    response.end(JSON.stringify({ token, access_token: token, expires_in: 300 }))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const { registry, registryAddress } = await startRegistry({
      root: process.env.DOKERES_TEST_REGISTRY_ROOT,
      config: join(folder, 'registry.yml'),
      auth: [
        'auth:',
        '  token:',
        `    realm: "http://127.0.0.1:${port}/token"`,
        `    service: "${SERVICE}"`,
        `    issuer: "${ISSUER}"`,
        `    rootcertbundle: "${join(folder, 'cert.pem')}"`,
      ],
    })
    return {
      address: registryAddress,
      /** What the token server was asked. */
      asked,
      /** Whether the tokens that it gives are of any use. @param {boolean} expired */
      issueExpired(expired) {
        lifetime = expired ? -3600 : 300
      },
      /** A token such as the server gives. @param {string} repository @param {{ expired?: boolean }} [options] */
      token(repository, { expired = false } = {}) {
        return issue(key, [`repository:${repository}:pull,push`], expired ? -3600 : 300)
      },
      async close() {
        await end(registry)
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

/**
 * A registry that wants a password with each request.
 * @param {Pick<Known, 'users'> & { address?: string }} known `address`: default the loopback's
 */
export async function startBasicRegistry({ users, address }) {
  if (!existsSync('/usr/bin/htpasswd')) install(['apache2-utils'])
  const folder = mkdtempSync(join(tmpdir(), 'dokeres-basic-'))
  const file = join(folder, 'htpasswd')
  const lines = Object.entries(users).map(([user, password]) =>
    execFileSync('htpasswd', ['-niB', user], { input: password, encoding: 'utf8' }).trim(),
  )
  writeFileSync(file, `${lines.join('\n')}\n`)
  const { registry, registryAddress } = await startRegistry({
    root: process.env.DOKERES_TEST_REGISTRY_ROOT,
    config: join(folder, 'registry.yml'),
    address,
    auth: ['auth:', '  htpasswd:', '    realm: dokeres', `    path: "${file}"`],
  })
  return {
    address: registryAddress,
    async close() {
      await end(registry)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** @typedef {{ key: import('node:crypto').KeyObject, certificate: string }} SigningKey */

/** @param {string} folder gets the certificate that the registry trusts @returns {SigningKey} */
function signingKey(folder) {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2']
  const subject = ['-subj', `/CN=${ISSUER}`, '-keyout', key, '-out', cert]
  execFileSync('openssl', [...request, ...subject], { stdio: 'pipe' })
  return {
    key: createPrivateKey(readFileSync(key)),
    certificate: new X509Certificate(readFileSync(cert)).raw.toString('base64'),
  }
}

/**
 * Who asks, and for what: with a password, with an identity token, or as nobody.
 * @param {import('node:http').IncomingMessage} request
 * @param {Record<string, string>} users
 * @param {Record<string, string>} identityTokens
 * @returns {Promise<{ grant: string, user?: string, scopes: string[] }>}
 */
async function read(request, users, identityTokens) {
  if (request.method === 'POST') {
    let body = ''
    for await (const chunk of request) body += chunk
    const form = new URLSearchParams(body)
    const scopes = form.get('scope')?.split(' ') ?? []
    const user = identityTokens[form.get('refresh_token') ?? '']
    return { grant: form.get('grant_type') ?? '', user, scopes }
  }
  const scopes = new URL(request.url ?? '', 'http://x').searchParams.getAll('scope')
  const [, basic] = request.headers.authorization?.match(/^Basic (.*)$/) ?? []
  if (!basic) return { grant: 'anonymous', scopes }
  const [, user, password] =
    Buffer.from(basic, 'base64')
      .toString()
      .match(/^([^:]*):(.*)$/s) ?? []
  return { grant: 'basic', user: users[user] === password ? user : undefined, scopes }
}

/**
 * A JSON web token that lets its bearer do all that the scopes say.
 * @param {SigningKey} signing
 * @param {string[]} scopes `repository:NAME:pull,push`
 * @param {number} lifetime in seconds
 */
function issue({ key, certificate }, scopes, lifetime) {
  const now = Math.floor(Date.now() / 1000)
  const access = scopes
    .map((scope) => scope.match(/^([^:]+):(.+):([^:]*)$/))
    .flatMap((match) => (match ? [match] : []))
    .map(([, type, name, actions]) => ({ type, name, actions: actions.split(',') }))
  const begun = now - 7200
  const claims = { iss: ISSUER, sub: 'someone', aud: SERVICE, iat: begun, nbf: begun }
  const parts = [
    { typ: 'JWT', alg: 'RS256', x5c: [certificate] },
    { ...claims, exp: now + lifetime, jti: randomBytes(8).toString('hex'), access },
  ].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  const signature = sign('sha256', Buffer.from(parts.join('.')), key).toString('base64url')
  return [...parts, signature].join('.')
}
