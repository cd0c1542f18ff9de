'use strict'

const { SessioError } = require('./lib/error')
const { Key } = require('./lib/key')
const { ManualClock } = require('./lib/clock')
const { Store, generateToken } = require('./lib/store')

module.exports = { Key, ManualClock, SessioError, Store, generateToken }
