// Sessions in the life of the process, of its workers, and of its memory.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import test from 'node:test'
import { Worker } from 'node:worker_threads'
import { SessionManager, Store } from '../index.mjs'
import { mysqlUrl, runProgram, silentServer } from './helpers.mjs'

const clean = { code: 0, signal: null, stderr: '' }
const index = createRequire(import.meta.url).resolve('../index.js')

const start = `
  const store = new sessio.Store(process.argv[2] ?? 'memory:', { timeout: 400 })
  const manager = new sessio.SessionManager(store)
  const create = async () => {
    const session = await manager.load()
    session.put('user', 'ada')
    return manager.commit(session)
  }`

test('listeners and idle sessions let the process exit after the events were emitted', async () => {
  const program = `${start}
    manager.on('created', () => console.log('created'))
    store.migrate().then(create).then(({ outcome }) => console.log(outcome))`
  for (const url of ['memory:', mysqlUrl('session_idle')]) {
    const result = await runProgram(program, [url])
    assert.deepEqual({ ...result, stdout: result.stdout.split('\n').sort().join() }, { ...clean, stdout: ',created,saved' })
  }
})

test('a commit in flight holds the process until it is answered', async (t) => {
  const program = `${start}
    create().catch((error) => console.log(error.code, error.retryable))`
  const { code, stdout } = await runProgram(program, [await silentServer(t)])
  assert.equal(code, 0)
  assert.match(stdout, /^(Timeout|Unavailable) true\n$/)
})

test('a listener that throws is an uncaught exception and affects no call', async () => {
  const program = `${start}
    process.on('uncaughtException', (error) => console.log('uncaught', error.message))
    manager.on('created', () => { throw new Error('mine') })
    manager.on('destroyed', () => console.log('destroyed'))
    create().then(({ outcome, token }) => {
      console.log(outcome)
      return manager.lazy(token).destroy()
    }).then(() => console.log('done'))`
  for (const url of ['memory:', mysqlUrl('session_throw')]) {
    const { code, stdout, stderr } = await runProgram(`${program.replace('create()', 'store.migrate().then(create)')}`, [url])
    assert.deepEqual([code, stderr], [0, ''])
    const lines = stdout.split('\n')
    assert.deepEqual(lines.sort(), ['', 'destroyed', 'done', 'saved', 'uncaught mine'])
  }
})

test('the process may end with commits in flight', async (t) => {
  for (const url of [await silentServer(t), mysqlUrl('session_exit')]) {
    const program = `${start}
      manager.on('created', () => {})
      for (let i = 0; i < 100; i++) create().catch(() => {})
      setTimeout(() => process.exit(7), 20)`
    assert.deepEqual(await runProgram(program, [url]), { code: 7, signal: null, stdout: '', stderr: '' })
  }
})

const busy = `
  const { workerData, parentPort } = require('node:worker_threads')
  const { SessionManager, Store } = require(workerData.index)
  const manager = new SessionManager(new Store(workerData.url))
  manager.on('created', () => {})
  const work = async () => {
    for (;;) {
      const session = await manager.load()
      session.put('user', ['ada', Buffer.alloc(1000)])
      await manager.commit(session).then(({ token }) => manager.load(token)).catch(() => {})
      await manager.list(3).catch(() => {})
    }
  }
  for (let i = 0; i < 10; i++) work()
  parentPort.postMessage('busy')`

test('workers have sessions of their own, and are terminated in the midst of them', async () => {
  const url = mysqlUrl('session_workers')
  const store = new Store(url)
  await store.migrate()
  await Promise.all(Array.from({ length: 20 }, async (_, number) => {
    const worker = new Worker(busy, { eval: true, workerData: { index, url } })
    await once(worker, 'message')
    await new Promise((resolve) => setTimeout(resolve, 5 * number))
    assert.equal(await worker.terminate(), 1)
  }))
  const session = await new SessionManager(store).load()
  assert.throws(() => structuredClone({ session }).session.put('a', 1), TypeError)
  await store.close()
})

test('sessions that are lost are let go, though the event loop never turns', async () => {
  const program = `
    const store = new sessio.Store('memory:', { cleanupInterval: 0 })
    const manager = new sessio.SessionManager(store)
    const work = async () => {
      for (let i = 0; i < 40; i++) {
        const session = await manager.load()
        session.put('data', Buffer.alloc(100_000))
        await manager.commit(session)
      }
      const { sessions } = await manager.list(100)
      let held = 0
      for (let i = 0; i < 100_000; i++) {
        sessions[i % sessions.length].subject()
        const session = await manager.load('abc' + i)
        session.put('data', 'x'.repeat(10_000))
        if (i % 5000 === 0) await Promise.all((await manager.list(40)).sessions.map((one) => one.get('data')))
      }
      const { rss } = process.memoryUsage()
      console.log(rss < 600e6 ? 'small' : rss)
    }
    work()`
  assert.deepEqual(await runProgram(program), { ...clean, stdout: 'small\n' })
})

test('a store ends with the last session of it', async () => {
  const program = `
    const { readdirSync, readFileSync } = require('node:fs')
    const { setFlagsFromString } = require('node:v8')
    setFlagsFromString('--expose-gc')
    const collect = require('node:vm').runInNewContext('gc')
    const cleaners = () => readdirSync('/proc/self/task').filter((id) => {
      try { return readFileSync('/proc/self/task/' + id + '/comm', 'utf8').startsWith('sessio-cleanup') } catch {}
    }).length
    const use = async () => {
      const manager = new sessio.SessionManager(new sessio.Store('memory:', { cleanupInterval: '1h' }))
      for (let i = 0; i < 100; i++) {
        const session = await manager.load()
        session.put('a', i)
        await manager.commit(session)
      }
    }
    const wait = async (wanted) => {
      for (let turn = 0; turn < 500 && (cleaners() > 0) !== wanted; turn++) {
        if (!wanted) collect()
        await new Promise(setImmediate)
      }
      console.log(cleaners() > 0)
    }
    use().then(() => wait(true)).then(() => wait(false))`
  assert.deepEqual(await runProgram(program), { ...clean, stdout: 'true\nfalse\n' })
})
