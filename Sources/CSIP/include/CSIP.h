// SPDX-License-Identifier: GPL-3.0-or-later

// A caller on libre, whose loop has a thread of its own: commands go in by a queue, and what happens is taken out of one, so
// that nothing of libre's is touched by two threads and no function is called back.

#ifndef SPEAKCODE_SIP_H
#define SPEAKCODE_SIP_H

#include <stdint.h>

/// What of one local address calls: its transports, its registration and its calls.
struct speakcode_sip;

/// How an agent is opened; what is not given is NULL.
struct speakcode_sip_settings {
    /// The address of this machine that it listens on, in numbers.
    const char *address;
    /// The port for UDP and TCP; 0 for any. TLS has the next one, or any.
    uint16_t port;
    /// The name that it gives itself.
    const char *software;
    /// Who it is for those who ask it by a digest.
    const char *user;
    const char *password;
    /// The name or address that a certificate must be of; no TLS without it.
    const char *tls_peer;
    /// The most descriptors of the process, since a library that counts by them is to have room for the last.
    int most_descriptors;
};

enum speakcode_sip_kind {
    /// A provisional answer above 100.
    SPEAKCODE_SIP_RINGING = 1,
    /// The call was taken, and media goes where the event says.
    SPEAKCODE_SIP_ANSWERED,
    /// Media goes elsewhere from now on.
    SPEAKCODE_SIP_MOVED,
    /// It is over, by a status or an error; status and error are 0 where the peer hung up an answered call.
    SPEAKCODE_SIP_ENDED,
    /// Nobody took it in time; status is that of the last provisional answer, or 0.
    SPEAKCODE_SIP_TIMED_OUT,
    /// The registrar's answer, by status or error; call is 0.
    SPEAKCODE_SIP_REGISTERED,
    /// The agent's thread has ended, and nothing follows; call is 0.
    SPEAKCODE_SIP_CLOSED,
};

struct speakcode_sip_event {
    enum speakcode_sip_kind kind;
    uint64_t call;
    int status;
    int error;
    /// Where media goes: an address in numbers and the ports of RTP and RTCP; port 0 where it is to go nowhere.
    char address[64];
    uint16_t port;
    uint16_t rtcp_port;
    /// The payload types of the answer: 0 or 8, and that of keys; -1 for none.
    int sound;
    int keys;
    /// Where real-time text goes (RFC 4103); port 0 where none is to be sent.
    char text_address[64];
    uint16_t text_port;
    uint16_t text_rtcp_port;
    /// The payload types of t140 and of red, -1 for none; how many packets are said again; and how many characters in a second
    /// are taken, 0 where nothing is said of it.
    int text;
    int redundant;
    int generations;
    int characters;
};

/// Opens an agent; 0, or an errno.
int speakcode_sip_open(struct speakcode_sip **agent, const struct speakcode_sip_settings *settings);

/// The port of UDP and TCP.
uint16_t speakcode_sip_port(const struct speakcode_sip *agent);

/// A descriptor that can be read while there is an event.
int speakcode_sip_descriptor(const struct speakcode_sip *agent);

/// Takes an event; 0 where there is none.
int speakcode_sip_next(struct speakcode_sip *agent, struct speakcode_sip_event *event);

/// Asks for a registration, which goes on until the agent is closed.
int speakcode_sip_register(struct speakcode_sip *agent, const char *registrar, const char *identity);

/// Asks for a call; 0, or an errno. What becomes of it is told by events with its number.
///
/// - call: a number of the caller's own, above 0 and given once.
/// - route: the address of a proxy, or NULL.
/// - media_port: the port of RTP on the agent's address.
/// - text_port: that of RTP with text, or 0 for no text; who refuses the call for it is called once more without it.
/// - seconds: for which the telephone may ring.
int speakcode_sip_invite(
    struct speakcode_sip *agent, uint64_t call, const char *to, const char *from, const char *route, const char *user,
    uint16_t media_port, uint16_t text_port, int seconds);

/// Ends a call, or takes it back; nothing is told of it afterwards.
int speakcode_sip_end(struct speakcode_sip *agent, uint64_t call);

/// Ends all calls, and the agent once their peers have acknowledged it, or behind some seconds.
int speakcode_sip_close(struct speakcode_sip *agent, int seconds);

/// Lets an agent go whose closing was told.
void speakcode_sip_free(struct speakcode_sip *agent);

/// Reads a description of media as an answer to our offer of sound and text, for tests; 0, or an errno.
int speakcode_sip_read_answer(const uint8_t *bytes, int count, struct speakcode_sip_event *event);

#endif
