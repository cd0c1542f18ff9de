//! JavaScript values as Rust values. A value of the wrong type is `InvalidArgument`.

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr;
use std::time::Duration;

use napi::bindgen_prelude::sys;
use sessio::{Content, Error, ErrorKind, Expiry, Key, Target, Timestamp};

/// Tokens of the usual length are read without an allocation.
const SHORT: usize = 128;

/// The most bytes that one UTF-16 unit or pair becomes: Node leaves up to this many unused when it
/// truncates a string.
const WIDEST: usize = 4;

/// A number is a duration in milliseconds. One of more than thirty years is most likely
/// `Date.now() + …`, and an error is better than a session that does not end for decades.
const SUSPICIOUS_MILLIS: f64 = 1e12;

pub(crate) fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

/// A JavaScript string.
pub(crate) enum Text {
    Short([MaybeUninit<u8>; SHORT], usize),
    Long(Vec<u8>),
    /// With lone surrogates, which UTF-8 cannot represent, as three bytes each (WTF-8). Valid as a
    /// token, because different strings stay different.
    Wtf8(Vec<u8>),
}

impl Text {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            // SAFETY: `text` sets the length to the number of bytes that Node wrote.
            Text::Short(bytes, len) => unsafe {
                std::slice::from_raw_parts(bytes.as_ptr().cast(), *len)
            },
            Text::Long(bytes) | Text::Wtf8(bytes) => bytes,
        }
    }

    pub(crate) fn as_str(&self, what: &str) -> Result<&str, Error> {
        std::str::from_utf8(self.as_bytes()).map_err(|_| lone_surrogate(what))
    }
}

fn lone_surrogate(what: &str) -> Error {
    invalid(format!("{what} holds half of a surrogate pair, which is not valid text"))
}

/// Bytes that the caller lends for the call, or those of a string.
pub(crate) enum Bytes<'a> {
    Text(Text),
    View(&'a [u8]),
}

impl Bytes<'_> {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            Bytes::Text(text) => text.as_bytes(),
            Bytes::View(view) => view,
        }
    }
}

/// A token, or the key of a listed session.
pub(crate) enum TargetArgument {
    Token(Text),
    Key(Key),
}

impl TargetArgument {
    pub(crate) fn as_target(&self) -> Target<'_> {
        match self {
            TargetArgument::Token(text) => Target::Token(text.as_bytes()),
            TargetArgument::Key(key) => Target::Key(key),
        }
    }
}

/// What a write stores: the three arguments `data, expires, subject`.
pub(crate) struct ContentArguments<'a> {
    data: Bytes<'a>,
    expires_at: Expiry,
    subject: Option<Text>,
}

impl ContentArguments<'_> {
    pub(crate) fn as_content(&self) -> Result<Content<'_>, Error> {
        let subject = self.subject.as_ref().map(|text| text.as_str("the subject")).transpose()?;
        Ok(Content::new(self.data.as_bytes(), self.expires_at).subject(subject))
    }
}

/// A value of the running call. No JavaScript runs while it exists.
#[derive(Clone, Copy)]
pub(crate) struct JsValue<'a> {
    env: sys::napi_env,
    raw: sys::napi_value,
    call: std::marker::PhantomData<&'a ()>,
}

impl<'a> JsValue<'a> {
    /// # Safety
    /// `raw` belongs to `env`, and both are valid for `'a`, in which no JavaScript runs.
    pub(crate) unsafe fn new(env: sys::napi_env, raw: sys::napi_value) -> Self {
        JsValue { env, raw, call: std::marker::PhantomData }
    }

    fn kind(self) -> sys::napi_valuetype {
        let mut kind = sys::ValueType::napi_undefined;
        // SAFETY: a value of this call, and a local for the result.
        unsafe { sys::napi_typeof(self.env, self.raw, &raw mut kind) };
        kind
    }

    pub(crate) fn is_null(self) -> bool {
        self.kind() == sys::ValueType::napi_null
    }

    pub(crate) fn is_nothing(self) -> bool {
        matches!(self.kind(), sys::ValueType::napi_undefined | sys::ValueType::napi_null)
    }

    pub(crate) fn is_undefined(self) -> bool {
        self.kind() == sys::ValueType::napi_undefined
    }

    pub(crate) fn number(self) -> Option<f64> {
        let mut number = 0.0;
        // SAFETY: as in `kind`; for other values Node only returns a status.
        let status = unsafe { sys::napi_get_value_double(self.env, self.raw, &raw mut number) };
        (status == sys::Status::napi_ok).then_some(number)
    }

    pub(crate) fn boolean(self) -> Option<bool> {
        let mut boolean = false;
        // SAFETY: as in `number`.
        let status = unsafe { sys::napi_get_value_bool(self.env, self.raw, &raw mut boolean) };
        (status == sys::Status::napi_ok).then_some(boolean)
    }

    /// The number of a store, a manager, a session, a transaction or a clock.
    pub(crate) fn handle(self) -> Result<u32, Error> {
        let number = self.whole("an object's number")?;
        u32::try_from(number).map_err(|_| invalid("there is no object with this number"))
    }

    pub(crate) fn raw(self) -> (sys::napi_env, sys::napi_value) {
        (self.env, self.raw)
    }

    /// A whole number of at least 0. Too large ones saturate.
    pub(crate) fn whole(self, what: &str) -> Result<usize, Error> {
        let whole = self.number().filter(|number| *number >= 0.0 && number.fract() == 0.0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        whole
            .map(|number| number as usize)
            .ok_or_else(|| invalid(format!("{what} must be a whole number of at least 0")))
    }

    /// `None` for other values than strings.
    pub(crate) fn text(self) -> Result<Option<Text>, Error> {
        let mut short = [const { MaybeUninit::<u8>::uninit() }; SHORT];
        let mut len = 0;
        let buffer = short.as_mut_ptr().cast();
        // SAFETY: Node writes at most SHORT bytes to the array and their number to the local.
        let status = unsafe {
            sys::napi_get_value_string_utf8(self.env, self.raw, buffer, SHORT, &raw mut len)
        };
        if status != sys::Status::napi_ok {
            return Ok(None);
        }
        let text = if len + WIDEST < SHORT {
            Text::Short(short, len)
        } else {
            Text::Long(self.long_text()?)
        };
        // Node writes U+FFFD for a lone surrogate, but the string may also contain that character.
        let bytes = text.as_bytes();
        let replaced = || bytes.windows(3).any(|window| window == "\u{fffd}".as_bytes());
        if !bytes.is_ascii() && replaced() {
            return self.utf16_text().map(Some);
        }
        Ok(Some(text))
    }

    fn long_text(self) -> Result<Vec<u8>, Error> {
        let mut len = 0;
        // SAFETY: without a buffer Node only writes the length.
        unsafe {
            sys::napi_get_value_string_utf8(self.env, self.raw, ptr::null_mut(), 0, &raw mut len);
        }
        let mut bytes = allocate::<u8>(len + 1)?;
        // SAFETY: Node writes at most `len` bytes and a zero into a buffer of that size, and the
        // length is set to the bytes that it wrote.
        unsafe {
            let buffer = bytes.as_mut_ptr().cast();
            sys::napi_get_value_string_utf8(self.env, self.raw, buffer, len + 1, &raw mut len);
            bytes.set_len(len);
        }
        Ok(bytes)
    }

    fn utf16_text(self) -> Result<Text, Error> {
        let mut len = 0;
        // SAFETY: as in `long_text`, in units of two bytes.
        unsafe {
            sys::napi_get_value_string_utf16(self.env, self.raw, ptr::null_mut(), 0, &raw mut len);
        }
        let mut units = allocate::<u16>(len + 1)?;
        // SAFETY: as in `long_text`.
        unsafe {
            let buffer = units.as_mut_ptr();
            sys::napi_get_value_string_utf16(self.env, self.raw, buffer, len + 1, &raw mut len);
            units.set_len(len);
        }
        let mut bytes = allocate::<u8>(len * 3)?;
        let mut has_lone = false;
        for unit in char::decode_utf16(units) {
            match unit {
                Ok(char) => bytes.extend_from_slice(char.encode_utf8(&mut [0; WIDEST]).as_bytes()),
                Err(lone) => {
                    has_lone = true;
                    let [high, low] = lone.unpaired_surrogate().to_be_bytes();
                    let middle = 0x80 | ((high & 0xf) << 2) | (low >> 6);
                    bytes.extend_from_slice(&[0xe0 | (high >> 4), middle, 0x80 | (low & 0x3f)]);
                }
            }
        }
        Ok(if has_lone { Text::Wtf8(bytes) } else { Text::Long(bytes) })
    }

    pub(crate) fn required_text(self, what: &str) -> Result<Text, Error> {
        self.text()?.ok_or_else(|| invalid(format!("{what} must be a string")))
    }

    /// A string is a token. `lib/key.js` passes a key as bytes, so that no token can be taken for
    /// one.
    pub(crate) fn target(self, what: &str) -> Result<TargetArgument, Error> {
        if let Some(text) = self.text()? {
            return Ok(TargetArgument::Token(text));
        }
        let key = self.view().transpose()?.and_then(|bytes| std::str::from_utf8(bytes).ok());
        key.map(|text| TargetArgument::Key(Key::from_text(text)))
            .ok_or_else(|| invalid(format!("{what} must be a string or a Key")))
    }

    /// None for `undefined` and `null`.
    pub(crate) fn optional_target(self, what: &str) -> Result<Option<TargetArgument>, Error> {
        (!self.is_nothing()).then(|| self.target(what)).transpose()
    }

    pub(crate) fn bytes(self, what: &str) -> Result<Bytes<'a>, Error> {
        match self.text()? {
            Some(Text::Wtf8(_)) => Err(lone_surrogate(what)),
            Some(text) => Ok(Bytes::Text(text)),
            None => self
                .view()
                .unwrap_or_else(|| {
                    Err(invalid(format!("{what} must be a Buffer, a Uint8Array or a string")))
                })
                .map(Bytes::View),
        }
    }

    /// The bytes of a `Uint8Array`, such as a `Buffer`; `None` for other values.
    pub(crate) fn view(self) -> Option<Result<&'a [u8], Error>> {
        let mut kind = -1;
        let (mut len, mut offset) = (0, 0);
        let mut data: *mut c_void = ptr::null_mut();
        let mut memory = ptr::null_mut();
        // SAFETY: locals for all results; for other values Node only returns a status.
        let status = unsafe {
            sys::napi_get_typedarray_info(
                self.env,
                self.raw,
                &raw mut kind,
                &raw mut len,
                &raw mut data,
                &raw mut memory,
                &raw mut offset,
            )
        };
        if status != sys::Status::napi_ok || kind != sys::TypedarrayType::uint8_array {
            return None;
        }
        let (mut is_private, mut detached) = (false, false);
        // SAFETY: a value that Node made just now, and locals for the results.
        unsafe {
            sys::napi_is_arraybuffer(self.env, memory, &raw mut is_private);
            if len == 0 {
                sys::napi_is_detached_arraybuffer(self.env, memory, &raw mut detached);
            }
        }
        Some(match (is_private, detached) {
            (false, _) => {
                Err(invalid("bytes in a SharedArrayBuffer can change during the call; pass a copy"))
            }
            (true, true) => {
                Err(invalid("the ArrayBuffer of these bytes was transferred; pass a copy"))
            }
            (true, false) if data.is_null() || len == 0 => Ok(&[]),
            // SAFETY: Node says that `len` bytes lie at `data`. The call's value keeps them alive,
            // and no JavaScript runs in the call that could change them.
            (true, false) => Ok(unsafe { std::slice::from_raw_parts(data.cast::<u8>(), len) }),
        })
    }

    pub(crate) fn is_array(self) -> bool {
        let mut yes = false;
        // SAFETY: a value of this call, and a local for the result.
        unsafe { sys::napi_is_array(self.env, self.raw, &raw mut yes) };
        yes
    }

    /// The elements of an array that `lib/*.js` made, so that no getter of the program runs.
    pub(crate) fn elements(self) -> Result<Vec<JsValue<'a>>, Error> {
        let mut len = 0;
        // SAFETY: a value of this call, and a local for the result.
        let status = unsafe { sys::napi_get_array_length(self.env, self.raw, &raw mut len) };
        if status != sys::Status::napi_ok {
            return Err(invalid("the argument must be an array"));
        }
        let element = |index| {
            let mut raw = ptr::null_mut();
            // SAFETY: the array and a local; the element belongs to the call like the array.
            match unsafe { sys::napi_get_element(self.env, self.raw, index, &raw mut raw) } {
                // SAFETY: see above.
                sys::Status::napi_ok => Ok(unsafe { JsValue::new(self.env, raw) }),
                _ => Err(invalid("the array cannot be read")),
            }
        };
        (0..len).map(element).collect()
    }

    /// The instant of a `Date`; `None` for other values.
    pub(crate) fn date(self) -> Option<Result<Timestamp, Error>> {
        let mut millis = 0.0;
        // SAFETY: as in `number`.
        let status = unsafe { sys::napi_get_date_value(self.env, self.raw, &raw mut millis) };
        if status != sys::Status::napi_ok {
            return None;
        }
        if millis.is_nan() {
            return Some(Err(invalid("the Date is invalid")));
        }
        Some(Ok(Timestamp::from_micros(to_micros(millis))))
    }

    pub(crate) fn expiry(self) -> Result<Expiry, Error> {
        if let Some(millis) = self.number() {
            if !millis.is_finite() {
                return Err(invalid("expires must be finite; null means never"));
            }
            if millis >= SUSPICIOUS_MILLIS {
                return Err(invalid(
                    "expires as a number is milliseconds from now, and this is more than thirty \
                     years; pass a Date for an instant",
                ));
            }
            return Ok(Expiry::After(to_micros(millis)));
        }
        if self.is_null() {
            return Ok(Expiry::Never);
        }
        let wrong = "expires must be a Date, a number of milliseconds from now, or null for never";
        self.date().unwrap_or_else(|| Err(invalid(wrong))).map(Expiry::At)
    }

    /// Milliseconds, at least 0.
    pub(crate) fn duration(self, what: &str) -> Result<Duration, Error> {
        let millis = self.number().filter(|millis| millis.is_finite());
        let micros = millis.and_then(|millis| u64::try_from(to_micros(millis)).ok());
        let wrong = || invalid(format!("{what} must be a number of milliseconds of at least 0"));
        micros.map(Duration::from_micros).ok_or_else(wrong)
    }

    pub(crate) fn optional_text(self, what: &str) -> Result<Option<Text>, Error> {
        if self.is_nothing() { Ok(None) } else { self.required_text(what).map(Some) }
    }
}

pub(crate) fn content<'a>(
    data: JsValue<'a>,
    expires: JsValue<'a>,
    subject: JsValue<'a>,
) -> Result<ContentArguments<'a>, Error> {
    Ok(ContentArguments {
        data: data.bytes("data")?,
        expires_at: expires.expiry()?,
        subject: subject.optional_text("the subject")?,
    })
}

/// None where all three are `undefined`.
pub(crate) fn optional_content<'a>(
    data: JsValue<'a>,
    expires: JsValue<'a>,
    subject: JsValue<'a>,
) -> Result<Option<ContentArguments<'a>>, Error> {
    let given = ![data, expires, subject].iter().all(|value| value.is_undefined());
    given.then(|| content(data, expires, subject)).transpose()
}

pub(crate) fn targets(values: JsValue<'_>, what: &str) -> Result<Vec<TargetArgument>, Error> {
    values.elements()?.into_iter().map(|token| token.target(what)).collect()
}

pub(crate) fn as_targets(all: &[TargetArgument]) -> Vec<Target<'_>> {
    all.iter().map(TargetArgument::as_target).collect()
}

/// A token and what to store under it.
type RowArguments<'a> = (TargetArgument, ContentArguments<'a>);

/// Of one flat array: token, data, expires, subject, token, …
pub(crate) fn rows<'a>(values: JsValue<'a>, what: &str) -> Result<Vec<RowArguments<'a>>, Error> {
    let values = values.elements()?;
    let mut rows = Vec::with_capacity(values.len() / 4);
    for row in values.chunks(4) {
        let [token, data, expires, subject] = *row else {
            return Err(invalid("a row has a token, data, an expiry and a subject"));
        };
        rows.push((token.target(what)?, content(data, expires, subject)?));
    }
    Ok(rows)
}

pub(crate) fn as_rows<'a>(
    all: &'a [RowArguments<'_>],
) -> Result<Vec<(Target<'a>, Content<'a>)>, Error> {
    all.iter().map(|(target, content)| Ok((target.as_target(), content.as_content()?))).collect()
}

/// The key to go on after.
pub(crate) fn after(value: JsValue<'_>) -> Result<Option<Key>, Error> {
    match value.optional_target("after")? {
        None => Ok(None),
        Some(TargetArgument::Key(key)) => Ok(Some(key)),
        Some(TargetArgument::Token(_)) => {
            Err(invalid("after must be a Key: what a page has as next"))
        }
    }
}

/// Saturates, as the core does. Converts whole milliseconds apart from the fraction, because
/// doubles of microseconds are not exact after the year 2255.
#[allow(clippy::cast_possible_truncation)]
pub(crate) fn to_micros(millis: f64) -> i64 {
    let part = (millis.fract() * 1000.0) as i64;
    (millis.trunc() as i64).saturating_mul(1000).saturating_add(part)
}

/// A string can be larger than the memory that is left.
fn allocate<T>(count: usize) -> Result<Vec<T>, Error> {
    let mut buffer = Vec::new();
    let reserved = buffer.try_reserve_exact(count);
    reserved.map_err(|_| {
        Error::new(ErrorKind::TooLarge, "there is not enough memory for this string")
    })?;
    Ok(buffer)
}

/// The largest integer up to which every integer is a JavaScript number: `Number.MAX_SAFE_INTEGER`.
pub(crate) const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// The integer as a number, if that is exact.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn exact_number(number: i64) -> Option<f64> {
    let number = number as f64;
    (number.abs() <= MAX_SAFE_INTEGER).then_some(number)
}
