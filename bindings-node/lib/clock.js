'use strict'

const { native, answer } = require('./bridge')

const lost = new FinalizationRegistry((number) => native.releaseClock(number))

let clockNumber

// A clock for tests: time moves only by `advance`.
class ManualClock {
  #number

  constructor (start) {
    this.#number = answer(native.openClock(start))
    lost.register(this, this.#number)
  }

  now () {
    return new Date(answer(native.now(this.#number)))
  }

  advance (millis) {
    answer(native.advance(this.#number, millis))
  }

  static {
    // What the native part knows it by; nothing for what is no clock.
    clockNumber = (value) =>
      value !== null && typeof value === 'object' && #number in value ? value.#number : undefined
  }
}

module.exports = { ManualClock, clockNumber }
