// The Node parts of the story that `./dev demo` tells: four languages share one login.
//
// node story.mjs login URL, or visit URL TOKEN

import { SessionManager, Store } from 'sessio'

const [step, url, token] = process.argv.slice(2)

const steps = {
  async login (sessions) {
    const session = sessions.load()
    session.put('user', 'ada')
    session.setSubject('ada')
    // A new token, so that nobody who knew the one from before is logged in too.
    await session.renew()
    const { token, expiresAt } = await sessions.commit(session)
    console.log(`ada is logged in, until ${expiresAt.toISOString()}`)
    console.log(`=> ${token}`)
  },

  async visit (sessions) {
    const session = sessions.load(token)
    const user = await session.getString('user')
    if (user !== undefined) {
      console.log(`the old token is still good: ${user} is logged in`)
      process.exitCode = 1
    } else {
      console.log('the old token finds nothing: nobody is logged in')
    }
    console.log('=>')
  }
}

if (!Object.hasOwn(steps, step) || !url) {
  console.error('story.mjs login URL, or visit URL TOKEN')
  process.exit(2)
}
const store = new Store(url)
await steps[step](new SessionManager(store))
await store.close()
