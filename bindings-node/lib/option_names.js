'use strict'
// The options that each verb of a store takes.
//
// Made by `cargo xtask gen` from `api/store.toml`: change that.

module.exports = {
  find: ['signal'],
  exists: ['signal'],
  save: ['subject', 'signal'],
  insert: ['subject', 'signal'],
  update: ['subject', 'signal'],
  replace: ['subject', 'signal'],
  touch: ['signal'],
  rename: ['data', 'expires', 'subject', 'signal'],
  delete: ['signal'],
  findMany: ['signal'],
  saveMany: ['signal'],
  deleteMany: ['signal'],
  count: ['signal'],
  list: ['after', 'signal'],
  listSubject: ['after', 'signal'],
  deleteSubject: ['keep', 'signal'],
  clear: ['signal'],
  deleteExpired: ['signal'],
  migrate: ['signal'],
  migrateFrom: ['signal'],
  check: ['signal'],
  ping: ['signal']
}
