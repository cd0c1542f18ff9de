'use strict'

const { inspect } = require('node:util')
const { native, answer, promise, run } = require('./calls')
const { invalid } = require('./error')
const { target, targetOrNothing } = require('./key')
const optionNames = require('./option_names')
const { settings } = require('./settings')

let storeNumber

const lost = new FinalizationRegistry((number) => native.release(number))

const ALONE = ['signal']

function targets (tokens) {
  if (!Array.isArray(tokens)) throw invalid('the tokens must be an array')
  return tokens.map(target)
}

// One flat array, which the native part reads without running a getter.
function cells (rows) {
  if (!Array.isArray(rows)) throw invalid('the rows must be an array')
  return rows.flatMap((row) => {
    if (row === null || typeof row !== 'object') throw invalid('every row must be an object')
    return [target(row.token), row.data, row.expires, row.subject]
  })
}

// What each verb does, promises and fails with is said in index.d.ts.
class Store {
  #number
  #location
  #closing

  constructor (url, options) {
    const [texts, clock] = settings(options)
    this.#number = answer(native.open(url, texts, clock))
    this.#location = answer(native.location(this.#number))
    lost.register(this, this.#number)
  }

  get location () {
    return this.#location
  }

  #run (given, names, start) {
    return run(this, given, names, (chosen) => start(this.#number, chosen))
  }

  // Made by `cargo xtask gen` from `api/store.toml`: change that.
  find (token, options) {
    // Every request needs it, and in memory it takes not much more than this call.
    if (options === undefined) return promise(native.find(this.#number, target(token)), this)
    return this.#run(options, optionNames.find, (store) => native.find(store, target(token)))
  }

  exists (token, options) {
    return this.#run(options, optionNames.exists, (store) => native.exists(store, target(token)))
  }

  save (token, data, expires, options) {
    return this.#run(options, optionNames.save, (store, { subject }) =>
      native.save(store, target(token), data, expires, subject))
  }

  insert (token, data, expires, options) {
    return this.#run(options, optionNames.insert, (store, { subject }) =>
      native.insert(store, target(token), data, expires, subject))
  }

  update (token, data, expires, options) {
    return this.#run(options, optionNames.update, (store, { subject }) =>
      native.update(store, target(token), data, expires, subject))
  }

  replace (token, expected, data, expires, options) {
    return this.#run(options, optionNames.replace, (store, { subject }) =>
      native.replace(store, target(token), expected, data, expires, subject))
  }

  touch (token, expires, options) {
    return this.#run(options, optionNames.touch, (store) =>
      native.touch(store, target(token), expires))
  }

  rename (oldToken, newToken, options) {
    return this.#run(options, optionNames.rename, (store, { data, expires, subject }) =>
      native.rename(store, target(oldToken), target(newToken), data, expires, subject))
  }

  delete (token, options) {
    return this.#run(options, optionNames.delete, (store) => native.delete(store, target(token)))
  }

  findMany (tokens, options) {
    return this.#run(options, optionNames.findMany, (store) =>
      native.findMany(store, targets(tokens)))
  }

  saveMany (rows, options) {
    return this.#run(options, optionNames.saveMany, (store) => native.saveMany(store, cells(rows)))
  }

  deleteMany (tokens, options) {
    return this.#run(options, optionNames.deleteMany, (store) =>
      native.deleteMany(store, targets(tokens)))
  }

  count (options) {
    return this.#run(options, optionNames.count, (store) => native.count(store))
  }

  list (limit, options) {
    return this.#run(options, optionNames.list, (store, { after }) =>
      native.list(store, limit, targetOrNothing(after)))
  }

  listSubject (subject, limit, options) {
    return this.#run(options, optionNames.listSubject, (store, { after }) =>
      native.listSubject(store, subject, limit, targetOrNothing(after)))
  }

  deleteSubject (subject, options) {
    return this.#run(options, optionNames.deleteSubject, (store, { keep }) =>
      native.deleteSubject(store, subject, targetOrNothing(keep)))
  }

  clear (options) {
    return this.#run(options, optionNames.clear, (store) => native.clearStore(store))
  }

  deleteExpired (limit, options) {
    return this.#run(options, optionNames.deleteExpired, (store) =>
      native.deleteExpired(store, limit))
  }

  migrate (options) {
    return this.#run(options, optionNames.migrate, (store) => native.migrate(store))
  }

  migrateFrom (library, options) {
    return this.#run(options, optionNames.migrateFrom, (store) =>
      native.migrateFrom(store, library))
  }

  check (options) {
    return this.#run(options, optionNames.check, (store) => native.check(store))
  }

  ping (options) {
    return this.#run(options, optionNames.ping, (store) => native.ping(store))
  }

  // The end of what `cargo xtask gen` makes.

  stopCleanup (options) {
    return this.#run(options, ALONE, native.stopCleanup)
  }

  stats (options) {
    return this.#run(options, ALONE, native.stats)
  }

  close () {
    return (this.#closing ??= promise(native.close(this.#number), this))
  }

  [Symbol.asyncDispose] () {
    return this.close()
  }

  toJSON () {
    return { location: this.#location }
  }

  [inspect.custom] () {
    return `Store { ${inspect(this.#location)} }`
  }

  static {
    // What the native part knows it by; nothing for what is no store.
    storeNumber = (value) =>
      value !== null && typeof value === 'object' && #number in value ? value.#number : undefined
  }
}

function generateToken () {
  return answer(native.generateToken())
}

module.exports = { Store, generateToken, storeNumber }
