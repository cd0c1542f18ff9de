// What several tests need: servers good and bad, other processes, and what must be refused.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { connect, createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { SessioError } from '../index.mjs'

// An empty database with all rights on it. There is no run of these tests without one.
export function mysqlUrl (table, more = '') {
  const url = process.env.SESSIO_TEST_MYSQL_URL
  assert.ok(url, 'this test needs a server, but SESSIO_TEST_MYSQL_URL is not set; ' +
    './dev test starts one, or run: eval "$(./dev db env)"')
  const name = `node_${process.pid}_${table}`
  return `${url}${url.includes('?') ? '&' : '?'}table=${name}&cleanup_interval=0${more}`
}

async function listen (t, serve) {
  const sockets = new Set()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    serve(socket)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = () => {
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  t.after(() => {
    cut()
    server.close()
  })
  return { host: `127.0.0.1:${server.address().port}`, sockets, cut }
}

// A server that accepts and never says a word: operations on it stay in flight.
export async function silentServer (t) {
  const { host } = await listen(t, () => {})
  return `mysql://u:p@${host}/db`
}

// The real server behind a wire that can be held (nothing comes through) and cut.
export async function wireTo (t, url) {
  const real = new URL(url)
  const held = new Set()
  let holding = false
  let last
  const wire = await listen(t, (socket) => {
    const server = last = connect(Number(real.port || 3306), real.hostname)
    server.on('error', () => socket.destroy()).on('close', () => socket.destroy())
    socket.on('close', () => server.destroy())
    server.on('data', (bytes) => {
      if (holding) held.add({ bytes, send: () => socket.write(bytes) })
      else socket.write(bytes)
    })
    socket.pipe(server)
  })
  const near = new URL(url)
  near.host = wire.host
  return {
    url: near.href,
    hold: () => { holding = true },
    release: () => {
      holding = false
      for (const { send } of held) send()
      held.clear()
    },
    isHolding: () => held.size > 0,
    // Runs a statement that sessio never sends, on the connection that is idle here now. Its response is
    // discarded, and the connection cannot be used afterwards.
    run: async (sql) => {
      holding = true
      const query = Buffer.from(`....\x03${sql}`)
      query.writeUInt32LE(query.length - 4)
      last.write(query)
      while (held.size === 0) await new Promise(setImmediate)
      assert.equal([...held][0].bytes[4], 0, 'the server refused')
    },
    cut: wire.cut
  }
}

// A port without a listener.
export async function closedPort () {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

const index = fileURLToPath(new URL('../index.js', import.meta.url))

// Another Node process with this as its program; `sessio` is loaded already.
export function runProgram (code, args = [], env = {}) {
  return runNode(`const sessio = require(process.argv[1]);${code}`, [index, ...args], env)
}

export function runNode (program, args, env = {}) {
  return new Promise((resolve) => {
    const options = { timeout: 60_000, env: { ...process.env, ...env } }
    execFile(process.execPath, ['-e', program, '--', ...args], options, (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, signal: error?.signal ?? null, stdout, stderr })
    })
  })
}

// That the promise is rejected with this kind; the error is given back.
export async function rejects (promise, code) {
  let error
  await assert.rejects(promise, (reason) => {
    error = reason
    return true
  })
  assert.ok(error instanceof SessioError, `${error}`)
  assert.equal(error.code, code, error.message)
  return error
}
