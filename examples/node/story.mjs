// The Node parts of the story that `./dev demo` tells: four languages share one session.
//
// node story.mjs create URL, or find URL TOKEN

import { Store, generateToken } from 'sessio'

const [step, url, token] = process.argv.slice(2)

const steps = {
  async create (store) {
    const token = generateToken()
    const cart = JSON.stringify({ user: 'ada', cart: ['apple'] })
    await store.insert(token, cart, 3600e3, { subject: 'ada' })
    console.log(`a session for ada, for an hour: ${cart}`)
    console.log(`=> ${token}`)
  },

  async find (store) {
    const record = await store.find(token)
    if (record !== null) throw new Error('the old token is still good')
    console.log('the old token finds nothing: whoever still has it is out')
    const { entries } = await store.listSubject('ada', 10)
    for (const { data } of entries) console.log(`ada's session lives on under another: ${data}`)
    console.log('=>')
  }
}

if (!Object.hasOwn(steps, step) || !url) {
  console.error('story.mjs create URL, or find URL TOKEN')
  process.exit(2)
}
const store = new Store(url)
await steps[step](store)
await store.close()
