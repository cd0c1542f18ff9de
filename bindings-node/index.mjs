import sessio from './index.js'

export const { Key, ManualClock, SessioError, Store, generateToken } = sessio
