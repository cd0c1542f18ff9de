// One session with every value of tests/documents.json, from one language to another.
//
// node round_trip.mjs write URL, or read URL TOKEN WRITER (rust, c, python, node or hand)

import { isDeepStrictEqual } from 'node:util'
import { SessioError, SessionManager, Store } from '../index.mjs'
import { documents, isFloat } from './values.mjs'

const readers = {
  bool: 'getBoolean', integer: 'getBigInt', float: 'getNumber', text: 'getString', bytes: 'getBuffer', time: 'getDate'
}

const steps = {
  async write (manager) {
    const session = await manager.load()
    for (const { name, value } of documents('json')) {
      if (isFloat(value)) session.putFloat(name, value.float)
      else session.put(name, value)
    }
    const { token } = await manager.commit(session)
    console.log(`=> ${token}`)
  },

  // A Date has no microseconds, so that here all times end at a millisecond, in any language.
  async read (manager, token, writer) {
    if (!['rust', 'c', 'python', 'node', 'hand'].includes(writer)) throw new Error(`no writer ${writer}`)
    const session = await manager.load(token)
    const listed = documents('json')
    const wrong = []
    for (const { name, kind, value } of listed) {
      const wanted = isFloat(value) ? value.float : value
      const found = session.get(name)
      if (!isDeepStrictEqual(found, wanted)) wrong.push(`${name}: another value`)
      else if (!hasKind(session, name, kind, wanted)) wrong.push(`${name}: not of kind ${kind}`)
    }
    const names = listed.map(({ name }) => name)
    wrong.push(...session.keys().filter((name) => !names.includes(name)).map((name) => `${name}: unknown`))
    for (const what of wrong) console.error(`from ${writer}, ${what}`)
    if (wrong.length > 0) process.exitCode = 1
    else console.log(`${listed.length} values`)
  }
}

// A float is told from an integer by what refuses it.
function hasKind (session, name, kind, wanted) {
  const own = readers[kind]
  for (const reader of new Set(Object.values(readers))) {
    const fits = isRead(session, reader, name)
    const also = reader === 'getNumber' && kind === 'integer' && typeof wanted === 'number'
    if (fits !== (reader === own || also)) return false
  }
  return true
}

function isRead (session, reader, name) {
  try {
    session[reader](name)
    return true
  } catch (error) {
    if (error instanceof SessioError && error.code === 'InvalidArgument') return false
    throw error
  }
}

const [step, url, ...args] = process.argv.slice(2)
if (!Object.hasOwn(steps, step) || !url) {
  console.error('round_trip.mjs write URL, or read URL TOKEN WRITER')
  process.exit(2)
}
const store = new Store(url)
await steps[step](new SessionManager(store), ...args)
await store.close()
