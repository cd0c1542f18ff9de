import sessio from './index.js'

export const {
  Key, LazySession, ManualClock, SessioError, Session, SessionManager, Store, generateToken
} = sessio
