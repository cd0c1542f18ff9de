#include "network.h"

#include "check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 64

enum { PASS, HOLD, CUT, STOP };

static _Atomic int mode;
static int listener, server;
static pthread_t thread;

static struct sockaddr_in local(int port) {
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)port);
    return address;
}

int listen_somewhere(int *port) {
    struct sockaddr_in address = local(0);
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&address, len) == 0 && listen(fd, MOST) == 0);
    CHECK(getsockname(fd, (struct sockaddr *)&address, &len) == 0);
    *port = ntohs(address.sin_port);
    return fd;
}

int unused_port(void) {
    int port = 0;
    close(listen_somewhere(&port));
    return port;
}

/* Both ends of the connections: 2n is the client's and 2n + 1 the server's. */
static struct pollfd ends[2 * MOST + 1];
static nfds_t used;

static void hang_up(nfds_t pair) {
    close(ends[pair].fd);
    close(ends[pair + 1].fd);
    used -= 2;
    ends[pair] = ends[used];
    ends[pair + 1] = ends[used + 1];
}

static void take_call(void) {
    struct sockaddr_in address = local(server);
    int client = accept(listener, NULL, NULL);
    if (client >= 0 && (mode == CUT || used + 2 > 2 * MOST)) {
        close(client);
    } else if (client >= 0) {
        int onward = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        CHECK(connect(onward, (struct sockaddr *)&address, sizeof address) == 0);
        ends[used] = (struct pollfd){.fd = client, .events = POLLIN};
        ends[used + 1] = (struct pollfd){.fd = onward, .events = POLLIN};
        used += 2;
    }
}

/* False when either side has hung up. */
static bool pass_on(nfds_t from, nfds_t to) {
    char bytes[65536];
    ssize_t got = read(ends[from].fd, bytes, sizeof bytes);
    return got > 0 && send(ends[to].fd, bytes, (size_t)got, MSG_NOSIGNAL) == got;
}

static void *proxy(void *unused) {
    (void)unused;
    while (mode != STOP) {
        while (mode == CUT && used > 0) {
            hang_up(0);
        }
        ends[used] = (struct pollfd){.fd = listener, .events = POLLIN};
        /* While it holds, it must not see what is waiting. */
        if (poll(mode == HOLD ? &ends[used] : ends, mode == HOLD ? 1 : used + 1, 10) <= 0) {
            continue;
        }
        bool rings = (ends[used].revents & POLLIN) != 0;
        for (nfds_t end = 0; mode == PASS && end < used; end++) {
            if (ends[end].revents != 0 && !pass_on(end, end ^ 1)) {
                hang_up(end & ~(nfds_t)1);
                break;
            }
        }
        if (rings) {
            take_call();
        }
    }
    while (used > 0) {
        hang_up(0);
    }
    return NULL;
}

int start_proxy(int server_port) {
    int port = 0;
    server = server_port;
    mode = PASS;
    listener = listen_somewhere(&port);
    CHECK(pthread_create(&thread, NULL, proxy, NULL) == 0);
    return port;
}

void stop_proxy(void) {
    mode = STOP;
    pthread_join(thread, NULL);
    close(listener);
}

void proxy_hold(void) {
    mode = HOLD;
}

void proxy_cut(void) {
    mode = CUT;
}

void proxy_resume(void) {
    mode = PASS;
}
