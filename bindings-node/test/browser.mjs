// A browser, as far as sessions are concerned: it keeps cookies, sends them, and has several requests on
// their way at a time.

import { request } from 'node:http'

// The cookies of one host, as RFC 6265 has them: a newer one of the same name and path replaces the older
// one when the answer that brings it arrives, and one that has expired is gone.
export class CookieJar {
  #cookies = new Map()

  // From a Set-Cookie header in the answer to a request for this path.
  set (header, path = '/') {
    const [pair, ...attributes] = header.split(';').map((part) => part.trim())
    const [name, value] = split(pair)
    const cookie = { name, value, path: path.slice(0, path.lastIndexOf('/')) || '/', expires: Infinity }
    let maxAge
    for (const attribute of attributes) {
      const [attributeName, text] = split(attribute)
      switch (attributeName.toLowerCase()) {
        case 'path': if (text.startsWith('/')) cookie.path = text; break
        case 'expires': cookie.expires = Date.parse(text); break
        case 'max-age': maxAge = Number(text); break
      }
    }
    // It counts more than Expires, wherever it is.
    if (maxAge !== undefined) cookie.expires = maxAge <= 0 ? -Infinity : Date.now() + maxAge * 1000
    this.#cookies.delete(`${name};${cookie.path}`)
    if (cookie.expires > Date.now()) this.#cookies.set(`${name};${cookie.path}`, cookie)
  }

  // The Cookie header of a request for this path; nothing where there is none to send.
  header (path = '/') {
    const fitting = [...this.#cookies.values()]
      .filter((cookie) => cookie.expires > Date.now() && isWithin(path, cookie.path))
      .sort((a, b) => b.path.length - a.path.length)
    return fitting.length > 0 ? fitting.map(({ name, value }) => `${name}=${value}`).join('; ') : undefined
  }
}

const split = (text) => {
  const at = text.indexOf('=')
  return at < 0 ? [text, ''] : [text.slice(0, at).trim(), text.slice(at + 1).trim()]
}

const isWithin = (path, folder) =>
  path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)

export class Browser {
  jar = new CookieJar()
  #port
  #agent

  constructor (port, agent) {
    this.#port = port
    this.#agent = agent
  }

  // The text of the answer; the cookies that came with it are in the jar by then.
  visit (path) {
    const cookie = this.jar.header(path)
    return new Promise((resolve, reject) => {
      const options = { port: this.#port, host: '127.0.0.1', path, agent: this.#agent, headers: cookie ? { cookie } : {} }
      request(options, (response) => {
        for (const header of response.headers['set-cookie'] ?? []) this.jar.set(header, path)
        let text = ''
        response.setEncoding('utf8').on('data', (part) => { text += part }).on('end', () => resolve(text)).on('error', reject)
      }).on('error', reject).end()
    })
  }
}
