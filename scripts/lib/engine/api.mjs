// The engine's API over its socket, without dokeres: tests must not check it by itself.
import { request } from 'node:http'

/**
 * @param {string} host `unix://…`
 * @param {string} method
 * @param {string} path
 * @param {{ body?: unknown, stream?: import('node:stream').Readable, headers?: Record<string, string>, signal?: AbortSignal }} [options]
 * @returns {Promise<{ status: number, text: string, json: any }>}
 */
export function api(host, method, path, { body, stream, headers = {}, signal } = {}) {
  return new Promise((resolve, reject) => {
    const type = stream ? 'application/x-tar' : 'application/json'
    const outgoing = request({
      socketPath: host.replace('unix://', ''),
      method,
      path,
      headers: { ...(body !== undefined || stream ? { 'content-type': type } : {}), ...headers },
      agent: false,
      ...(signal && { signal }),
    })
    outgoing.on('error', reject)
    outgoing.on('response', (response) => {
      /** @type {Buffer[]} */
      const chunks = []
      response.on('error', reject)
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        let json
        try {
          json = JSON.parse(text)
        } catch {
          // Not every reply is JSON.
        }
        resolve({ status: response.statusCode ?? 0, text, json })
      })
    })
    if (stream) stream.on('error', reject).pipe(outgoing)
    else outgoing.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

/** @param {string} host */
export async function answers(host) {
  try {
    return (await api(host, 'GET', '/_ping')).status === 200
  } catch {
    return false
  }
}
