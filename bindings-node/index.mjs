import sessio from './index.js'

export const {
  Key, ManualClock, SessioError, Session, SessionManager, Store, generateToken
} = sessio
