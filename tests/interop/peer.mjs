// A Node program beside a Go one, on the same sessions. It is asked a line of JSON at a time.
//
// node peer.mjs URL SETTINGS, as `codec=gob&lifetime=24h`; what it is asked, peer.py says

import { createInterface } from 'node:readline'
import { SessionManager, Store } from '../../bindings-node/index.mjs'
import { toNative } from '../../bindings-node/test/values.mjs'

// A value as the json codec writes it.
function spelled (value) {
  if (typeof value === 'bigint') return { $int: String(value) }
  if (Buffer.isBuffer(value)) return { $bytes: value.toString('base64') }
  if (value instanceof Date) return { $time: value.toISOString() }
  if (Array.isArray(value)) return value.map(spelled)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, spelled(part)]))
}

// In a line of JSON, 2.0 has become 2: what is a float says so.
function put (session, { key, value, float }) {
  if (float) session.putFloat(key, value)
  else session.put(key, toNative(value))
}

async function answered (manager, asked) {
  const session = await manager.load(asked.token)
  const answer = { found: !session.isNew(), before: spelled(session.values()), token: asked.token }
  switch (asked.do) {
    case 'read': return answer
    case 'put': put(session, asked); break
    case 'pop': answer.popped = spelled(session.pop(asked.key)); break
    case 'renew': session.renew(); break
    case 'destroy': await session.destroy(); break
    case 'expire': session.setDeadline(new Date(Date.now() - 60_000)); break
  }
  const { token } = await manager.commit(session)
  return { ...answer, token }
}

const [url, settings] = process.argv.slice(2)
const named = [...new URLSearchParams(settings)]
  .map(([name, value]) => [name.replace(/_(.)/g, (_, letter) => letter.toUpperCase()), value])
const store = new Store(url)
const manager = new SessionManager(store, Object.fromEntries(named))
for await (const line of createInterface({ input: process.stdin })) {
  const answer = await answered(manager, JSON.parse(line))
    .catch((error) => ({ error: `${error.code}: ${error.message}` }))
  process.stdout.write(JSON.stringify(answer) + '\n')
}
await store.close()
