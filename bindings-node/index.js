'use strict'

const { SessioError } = require('./lib/error')
const { Key } = require('./lib/key')
const { ManualClock } = require('./lib/clock')
const { SessionManager } = require('./lib/manager')
const { LazySession, Session } = require('./lib/session')
const { Store, generateToken } = require('./lib/store')

module.exports = { Key, LazySession, ManualClock, SessioError, Session, SessionManager, Store, generateToken }
