/* A network that fails when a test wants it to. */
#ifndef NETWORK_H
#define NETWORK_H

/* A port of 127.0.0.1 on which nothing listens. */
int unused_port(void);

/* A socket that listens there and is never accepted from. */
int listen_somewhere(int *port);

/* Between the test and a server on 127.0.0.1: gives the port to connect to. */
int start_proxy(int server_port);
void stop_proxy(void);

/* Passes nothing on any more, until it is resumed. */
void proxy_hold(void);
/* Ends all connections, and every new one at once, until it is resumed. */
void proxy_cut(void);
void proxy_resume(void);

#endif
