// The Node parts of the story that `./dev demo` tells: four languages share one login.
//
// node story.mjs login URL DEVICE, or visit URL TOKEN

import { SessionManager, Store } from 'sessio'

const [step, url, given] = process.argv.slice(2)

const steps = {
  async login (sessions) {
    const visitor = await sessions.load()
    visitor.put('device', given)
    const before = await sessions.commit(visitor)

    const session = await sessions.load(before.token)
    // A new token, so that a client that knew the one from before is not logged in too.
    session.renew()
    session.put('user', 'ada')
    session.setSubject('ada')
    const { token, expiresAt } = await sessions.commit(session)
    console.log(`ada is logged in, until ${expiresAt.toISOString()}, under a token of her own`)
    console.log(`=> ${token}`)
  },

  async visit (sessions) {
    const session = await sessions.load(given)
    const user = session.getString('user')
    if (user !== undefined) {
      console.log(`the old token is still good: ${user} is logged in`)
      process.exitCode = 1
    } else {
      console.log('the old token finds nothing: no one is logged in')
    }
    console.log('=>')
  }
}

if (!Object.hasOwn(steps, step) || !url) {
  console.error('story.mjs login URL DEVICE, or visit URL TOKEN')
  process.exit(2)
}
const store = new Store(url)
await steps[step](new SessionManager(store))
await store.close()
