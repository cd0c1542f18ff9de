// The same package for a program of the other module system.

import assert = require('node:assert/strict')
import sessio = require('sessio')

async function main (): Promise<void> {
  const store: sessio.Store = new sessio.Store('memory:', { cleanupInterval: 0 })
  const token: string = sessio.generateToken()
  await store.save(token, 'data', new Date(Date.now() + 3600e3), { subject: 'ada' })
  const record: sessio.SessionRecord | null = await store.find(token)
  assert.equal(record?.data.toString(), 'data')
  const error: unknown = await store.list(0).catch((error: unknown) => error)
  assert.ok(error instanceof sessio.SessioError)
  const code: sessio.ErrorCode = error.code
  assert.equal(code, 'InvalidArgument')
  const manager: sessio.SessionManager = new sessio.SessionManager(store, { lifetime: '1h' })
  const session: sessio.Session = await manager.load(null)
  session.put('user', 'ada')
  const result: sessio.CommitResult = await manager.commit(session)
  assert.equal((await manager.load(result.token)).getString('user'), 'ada')
  await store.close()
}

export const done: Promise<void> = main()

// @ts-expect-error there is no default export
export const none = sessio.default
