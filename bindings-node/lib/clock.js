'use strict'
// The clock that tests set by hand.

const { native, answer } = require('./calls')

const collected = new FinalizationRegistry((number) => native.releaseClock(number))

let clockNumber

class ManualClock {
  #number

  constructor (start) {
    this.#number = answer(native.openClock(start))
    collected.register(this, this.#number)
  }

  now () {
    return new Date(answer(native.now(this.#number)))
  }

  advance (millis) {
    answer(native.advance(this.#number, millis))
  }

  static {
    // The number of a clock in the native part; `undefined` for other values.
    clockNumber = (value) =>
      value !== null && typeof value === 'object' && #number in value ? value.#number : undefined
  }
}

module.exports = { ManualClock, clockNumber }
