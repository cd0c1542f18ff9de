/* Times and bytes as text. */
#include "tagged.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void *room(size_t size) {
    void *place = calloc(1, size);
    if (place == NULL) {
        abort();
    }
    return place;
}

char *base64_of(const unsigned char *data, size_t len) {
    char *text = room((len + 2) / 3 * 4 + 1), *end = text;
    for (size_t index = 0; index < len; index += 3) {
        unsigned three = (unsigned)data[index] << 16;
        three |= index + 1 < len ? (unsigned)data[index + 1] << 8 : 0;
        three |= index + 2 < len ? (unsigned)data[index + 2] : 0;
        *end++ = digits[three >> 18 & 63];
        *end++ = digits[three >> 12 & 63];
        *end++ = index + 1 < len ? digits[three >> 6 & 63] : '=';
        *end++ = index + 2 < len ? digits[three & 63] : '=';
    }
    return text;
}

unsigned char *base64_from(const char *text, size_t *len) {
    unsigned char *data = room(strlen(text) + 1);
    unsigned bits = 0, count = 0;
    *len = 0;
    for (; *text != '\0' && *text != '='; text++) {
        const char *digit = strchr(digits, *text);
        if (digit == NULL) {
            fprintf(stderr, "this is not base64\n");
            exit(1);
        }
        bits = bits << 6 | (unsigned)(digit - digits);
        count += 6;
        if (count >= 8) {
            count -= 8;
            data[(*len)++] = (unsigned char)(bits >> count);
        }
    }
    return data;
}

/* Days since 1970-01-01 of the proleptic Gregorian calendar, by the years that begin in March. */
static int64_t days_from(int64_t year, int64_t month, int64_t day) {
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return y * 365 + y / 4 - y / 100 + y / 400 + of_year - 719468;
}

int64_t time_from(const char *text) {
    int year, month, day, hour, minute, second, micros;
    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%6dZ", &year, &month, &day, &hour, &minute, &second,
               &micros) != 7) {
        fprintf(stderr, "this is not a time: %s\n", text);
        exit(1);
    }
    int64_t seconds = days_from(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    return seconds * 1000000 + micros;
}

/* Goes through the years, because that cannot be wrong. */
void time_text(int64_t at_us, char text[TIME_SIZE]) {
    int64_t micros = (at_us % 1000000 + 1000000) % 1000000;
    int64_t seconds = (at_us - micros) / 1000000;
    int64_t of_day = (seconds % 86400 + 86400) % 86400;
    int64_t days = (seconds - of_day) / 86400, year = 1, month = 1;
    while (days_from(year + 1, 1, 1) <= days) {
        year++;
    }
    while (month < 12 && days_from(year, month + 1, 1) <= days) {
        month++;
    }
    snprintf(text, TIME_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", (int)year % 10000,
             (int)month % 100, (int)(days - days_from(year, month, 1) + 1) % 100,
             (int)(of_day / 3600), (int)(of_day / 60 % 60), (int)(of_day % 60), (int)micros);
}
