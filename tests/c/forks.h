#ifndef FORKS_H
#define FORKS_H

#include "check.h"

/* On a server whose table is there. */
void sessions_work_on(const char *url);

#endif
