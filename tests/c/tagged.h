/* Values as the json codec writes them, to what C has and back. */
#ifndef TAGGED_H
#define TAGGED_H

#include <jansson.h>
#include <sessio.h>

/* Puts a value with the function of its own kind; a list or map as JSON, and again as a value that
 * was built, which must do the same. */
int32_t put_tagged(sessio_session *session, const char *key, const json_t *value,
                   sessio_error **error);

/* The same, appended to the list of a key. */
int32_t append_tagged(sessio_session *session, const char *key, const json_t *item,
                      sessio_error **error);

/* A value, read with the function of its own kind; and the same as what it is as JSON. */
json_t *tagged_of(const sessio_value *value);

/* The getter of the value's kind gives the same, and all others refuse. Ends the program if not. */
void typed_getters_agree(sessio_session *session, const char *key,
                         const sessio_value *value);

/* What is tagged so, or NULL; and the float of this name. */
const char *tag(const json_t *value, const char *name);
double number_named(const char *name);

/* built.c: a value of parts, to be freed; NULL where a part is refused. */
sessio_value *built_of(const json_t *value);

/* Whether two are the same, down to the sign of zero. */
bool same_tagged(const json_t *one, const json_t *other);

/* encodings.c: RFC 3339 with microseconds, and base64. What is malformed ends the program. */
#define TIME_SIZE 32
void time_text(int64_t at_us, char text[TIME_SIZE]);
int64_t time_from(const char *text);
char *base64_of(const unsigned char *data, size_t len);
unsigned char *base64_from(const char *text, size_t *len);

#endif
