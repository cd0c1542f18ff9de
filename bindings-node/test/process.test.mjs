// The life of the process and of its workers.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { once } from 'node:events'
import test from 'node:test'
import { Worker } from 'node:worker_threads'
import { mysqlUrl, runNode, runProgram, silentServer } from './helpers.mjs'

const clean = { code: 0, signal: null, stderr: '' }

test('an idle store lets the process exit', async () => {
  const program = `
    const store = new sessio.Store(process.argv[2], { cleanupInterval: '1h' })
    store.migrate().then(() => store.save('a', 'a', null)).then(() => console.log('saved'))`
  for (const url of ['memory:', mysqlUrl('idle')]) {
    const started = performance.now()
    const result = await runProgram(program, [url])
    assert.deepEqual(result, { ...clean, stdout: 'saved\n' })
    assert.ok(performance.now() - started < 10_000)
  }
})

test('an operation in flight holds the process until it is answered', async (t) => {
  const url = await silentServer(t)
  const program = `
    const store = new sessio.Store(process.argv[2], { timeout: 400 })
    for (let i = 0; i < 3; i++) store.find('a' + i).catch((error) => console.log(error.retryable))`
  assert.deepEqual(await runProgram(program, [url]), { ...clean, stdout: 'true\n'.repeat(3) })
})

test('so do close and stopCleanup', async () => {
  const program = `
    const store = new sessio.Store('memory:')
    store.find('a').then(() => store.stopCleanup()).then(() => console.log('stopped'))
      .then(() => store.close()).then(() => console.log('closed'))`
  assert.deepEqual(await runProgram(program), { ...clean, stdout: 'stopped\nclosed\n' })
})

test('the process may end with operations in flight', async (t) => {
  const url = await silentServer(t)
  const ends = {
    'process.exit(7)': { code: 7, signal: null },
    'setImmediate(() => process.exit(7))': { code: 7, signal: null },
    'setTimeout(() => process.exit(7), 100)': { code: 7, signal: null },
    'process.kill(process.pid, "SIGTERM")': { code: null, signal: 'SIGTERM' }
  }
  for (const where of [url, mysqlUrl('exit')]) {
    for (const [end, wanted] of Object.entries(ends)) {
      const program = `
        const store = new sessio.Store(process.argv[2])
        for (let i = 0; i < 200; i++) store.find('a' + i).catch(() => {})
        ${end}`
      assert.deepEqual(await runProgram(program, [where]), { ...wanted, stdout: '', stderr: '' })
    }
  }
})

test('an unhandled error is reported like any other', async () => {
  const program = 'new sessio.Store("memory:").list(0)'
  const { code, stderr } = await runProgram(program)
  assert.equal(code, 1)
  assert.match(stderr, /SessioError: the limit/)
})

test('the log is silent unless it is asked for, and then has no secrets', async (t) => {
  const program = `
    const clock = new sessio.ManualClock(new Date(0))
    const store = new sessio.Store(process.argv[2], { timeout: 200, cleanupInterval: 50, clock })
    store.find('secret token').catch(() => {})
    setTimeout(() => store.close(), 600)`
  const url = 'mysql://ada:hunter2@127.0.0.1:1/db'
  assert.deepEqual(await runProgram(program, [url]), { ...clean, stdout: '' })
  const { stderr } = await runProgram(program, [url], { NODE_DEBUG: 'sessio' })
  assert.match(stderr, /^SESSIO \d+: .*cleanup/m)
  assert.ok(!/hunter2|secret/.test(stderr), stderr)
})

// A worker that keeps operations in flight, and says so once.
const busy = `
  const { workerData, parentPort } = require('node:worker_threads')
  const sessio = require(workerData.index)
  const store = new sessio.Store(workerData.url)
  const work = async (i) => {
    for (;;) await store.find('token ' + i).catch(() => {})
  }
  for (let i = 0; i < 50; i++) work(i)
  parentPort.postMessage('busy')`

const index = createRequire(import.meta.url).resolve('../index.js')
const startWorker = (code, url) => new Worker(code, { eval: true, workerData: { index, url } })

test('50 workers are started and terminated with operations in flight', async (t) => {
  const url = await silentServer(t)
  for (const where of [url, mysqlUrl('workers')]) {
    const workers = Array.from({ length: 50 }, () => startWorker(busy, where))
    await Promise.all(workers.map(async (worker, i) => {
      await once(worker, 'message')
      // Some in the middle of their first breath, some later.
      if (i % 2) await new Promise((resolve) => setTimeout(resolve, i * 4))
      assert.equal(await worker.terminate(), 1)
    }))
  }
})

test('the same in a process that loads the addon in workers alone', async (t) => {
  const url = await silentServer(t)
  const program = `
    const { Worker } = require('node:worker_threads')
    const workerData = { index: process.argv[1], url: process.argv[2] }
    const turn = async () => {
      const worker = new Worker(${JSON.stringify(busy)}, { eval: true, workerData })
      await new Promise((resolve) => worker.once('message', resolve))
      await worker.terminate()
    }
    const turns = async () => { for (let i = 0; i < 10; i++) await turn() }
    Promise.all(Array.from({ length: 5 }, turns)).then(() => console.log('done'))`
  assert.deepEqual(await runNode(program, [index, url]), { ...clean, stdout: 'done\n' })
})

test('a worker ends by itself when its work is done', async () => {
  const worker = startWorker(`
    const { workerData, parentPort } = require('node:worker_threads')
    const { Store } = require(workerData.index)
    const store = new Store(workerData.url)
    store.migrate().then(() => store.save('a', 'from a worker', null))
      .then(() => store.find('a')).then(({ data }) => parentPort.postMessage(data.toString()))`,
  mysqlUrl('worker'))
  // Both at once: they may come in the same turn of the event loop.
  const [[message], [code]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')])
  assert.deepEqual([message, code], ['from a worker', 0])
})

test('a panic in the native part is an error of kind Internal', async () => {
  const program = `
    const { native, answer } = require(process.argv[1].replace('index.js', 'lib/calls.js'))
    try { answer(native.panic()) } catch (error) { console.log(error.code, error.message) }
    new sessio.Store('memory:').count().then(console.log)`
  const { code, stdout } = await runProgram(program)
  assert.deepEqual([code, stdout], [0, 'Internal a bug in sessio; please report it\n0\n'])
})
