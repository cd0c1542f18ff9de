// The shortest tour: save, find, compare-and-swap, rename, end. No server is needed.
//
// node quickstart.mjs, or with the URL of a MySQL database as its argument.

import assert from 'node:assert/strict'
import { Store, generateToken } from 'sessio'

const store = new Store(process.argv[2] ?? 'memory:')
await store.migrate()
console.log('opened', store)

// The token goes to the client, in a cookie for example; it is the only thing that does.
const token = generateToken()
const hour = 3600e3
await store.save(token, 'cart: empty', hour, { subject: 'ada' })
console.log('saved a session for ada, for an hour')

const { data, expiresAt } = await store.find(token)
console.log(`found ${data.length} bytes: ${data}, good until ${expiresAt.toISOString()}`)

// Two requests may have loaded the same session: only the first of them may write.
assert.equal(await store.replace(token, data, 'cart: 1 apple', hour), 'saved')
assert.equal(await store.replace(token, data, 'cart: 1 pear', hour), 'conflict')
console.log('changed it; a second change of what was loaded before is a conflict')

// After a login the token changes, so that a client that knew the old one is not logged in too.
assert.equal(await store.rename(token, generateToken()), true)
assert.equal(await store.find(token), null)
console.log('renamed it; the old token finds nothing')

const { entries } = await store.listSubject('ada', 10)
console.log(`ada has ${entries.length} session`)
console.log(`signed ada out everywhere: ${await store.deleteSubject('ada')} ended`)
await store.close()
