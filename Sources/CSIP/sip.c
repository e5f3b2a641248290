// SPDX-License-Identifier: GPL-3.0-or-later

#include "CSIP.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "../CLibre/shim.h"
#define DEBUG_MODULE "speakcode"
#define DEBUG_LEVEL 0
#include <re_dbg.h>

// Since 2.x a session is given what describes its media when it sends, and a certificate's name is checked by the library.
#if __has_include(<re_async.h>)
#define LIBRE_2 1
/// libre's, which its headers show to its own code alone.
struct ssl_ctx_st *tls_ssl_ctx(const struct tls *tls);
#else
struct ssl_ctx_st *tls_openssl_context(const struct tls *tls);
#endif

enum {
    MOST_URI = 512,
    MOST_SECRET = 256,
    /// Milliseconds in which something must be said to an invitation: it was sent five times by then, and a peer that has it says so
    /// within 0.2 s (RFC 3261, section 17.2.1).
    FIRST_WORD = 10000,
    /// What is added to the status of an answer that names another address: libre would call that one.
    ELSEWHERE = 1000
};

/// What somebody wants of an agent.
struct command {
    enum { REGISTER, INVITE, END, CLOSE } what;
    uint64_t call;
    char to[MOST_URI];
    char from[MOST_URI];
    char route[MOST_URI];
    char user[128];
    uint16_t media_port;
    uint16_t text_port;
    int seconds;
};

struct note {
    struct note *next;
    struct speakcode_sip_event event;
};

struct speakcode_sip {
    // What any thread touches.
    pthread_mutex_t mutex;
    pthread_cond_t opened;
    struct note *first, *last;
    int pipe[2];
    int has_byte;
    int has_opened;
    int is_told_to_close;
    int error;
    struct mqueue *commands;
    pthread_t thread;
    uint16_t port;

    // What the loop alone touches.
    struct sa address;
    char software[64];
    char user[MOST_SECRET];
    char password[MOST_SECRET];
    char tls_peer[MOST_URI];
    int most_descriptors;
    uint16_t wanted_port;
    struct sip *sip;
    struct sipsess_sock *sessions;
    struct sip_lsnr *questions;
    struct sip_lsnr *answers;
    struct sipreg *registration;
    struct dnsc *dns;
    struct tls *tls;
    struct list calls;
    struct tmr farewell;
    int is_closing;
};

struct call {
    struct le le;
    struct speakcode_sip *agent;
    uint64_t number;
    struct sipsess *session;
    struct sdp_session *description;
    struct sdp_media *media;
    /// Real-time text; NULL where none was offered.
    struct sdp_media *text;
    /// What was asked for; NULL once nothing is to be asked for again.
    struct command *wanted;
    struct tmr ringing;
    /// The end of the time for which it may ring.
    uint64_t deadline;
    int provisional;
    int has_rung;
    int is_answered;
    /// The number of the last offer that was answered within the call.
    uint32_t offered;
};

#ifdef __GLIBC__
#ifdef HAVE_RE_ARG // Since 3.5 it is a macro, and this the function under it.
#undef re_fprintf
#define re_fprintf _re_fprintf_s
#endif
/// libre's own words on standard error, which anybody who sends it a packet could fill a log with: it is left without them.
int re_fprintf(FILE *stream, const char *format, ...) {
    (void)stream;
    (void)format;
    return 0;
}
#endif

// ---- What is told ----------------------------------------------------------------------------------------------------

static void tell(struct speakcode_sip *agent, const struct speakcode_sip_event *event) {
    struct note *note = calloc(1, sizeof *note);
    if (note == NULL) return;
    note->event = *event;
    pthread_mutex_lock(&agent->mutex);
    if (agent->last != NULL) agent->last->next = note;
    else agent->first = note;
    agent->last = note;
    if (!agent->has_byte) agent->has_byte = write(agent->pipe[1], "", 1) == 1;
    pthread_mutex_unlock(&agent->mutex);
}

int speakcode_sip_next(struct speakcode_sip *agent, struct speakcode_sip_event *event) {
    pthread_mutex_lock(&agent->mutex);
    struct note *note = agent->first;
    if (note != NULL) {
        agent->first = note->next;
        if (agent->first == NULL) agent->last = NULL;
    }
    if (agent->first == NULL && agent->has_byte) {
        char byte;
        agent->has_byte = read(agent->pipe[0], &byte, 1) != 1;
    }
    pthread_mutex_unlock(&agent->mutex);
    if (note == NULL) return 0;
    *event = note->event;
    free(note);
    return 1;
}

int speakcode_sip_descriptor(const struct speakcode_sip *agent) { return agent->pipe[0]; }

uint16_t speakcode_sip_port(const struct speakcode_sip *agent) { return agent->port; }

// ---- Media -----------------------------------------------------------------------------------------------------------

static int offer(struct sdp_session **session, struct sdp_media **media, const struct sa *address, uint16_t port) {
    int error = sdp_session_alloc(session, address);
    if (error == 0) error = sdp_media_add(media, *session, "audio", port, "RTP/AVP");
    if (error == 0) error = sdp_format_add(NULL, *media, false, "0", "PCMU", 8000, 1, NULL, NULL, NULL, false, NULL);
    if (error == 0) error = sdp_format_add(NULL, *media, false, "8", "PCMA", 8000, 1, NULL, NULL, NULL, false, NULL);
    if (error == 0)
        error = sdp_format_add(
            NULL, *media, false, "101", "telephone-event", 8000, 1, NULL, NULL, NULL, false, "0-15");
    if (error == 0) error = sdp_media_set_lattr(*media, true, "ptime", "20");
    return error;
}

/// The parameters of red: the payload type of what is said again, for each time that it is said, whatever number the peer gave it.
static int write_generations(
    struct mbuf *buffer, const struct sdp_format *format, bool is_offer, void *argument) {
    const struct sdp_media *media = argument;
    const struct sdp_format *text = sdp_media_format(media, true, NULL, -1, "t140", -1, -1);
    (void)is_offer;
    if (text == NULL) return 0;
    return mbuf_printf(buffer, "a=fmtp:%s %s/%s/%s\r\n", format->id, text->id, text->id, text->id);
}

/// Text beside the sound (RFC 4103, section 9): each packet says again what the two before it said.
static int offer_text(struct sdp_session *session, struct sdp_media **media, uint16_t port) {
    int error = sdp_media_add(media, session, "text", port, "RTP/AVP");
    if (error == 0)
        error = sdp_format_add(
            NULL, *media, false, "100", "red", 1000, 1, write_generations, NULL, *media, false, NULL);
    if (error == 0)
        error = sdp_format_add(NULL, *media, false, "98", "t140", 1000, 1, NULL, NULL, NULL, false, "cps=30");
    return error;
}

/// What the peer has said of text.
static void heard_text(const struct sdp_media *media, struct speakcode_sip_event *event) {
    event->text = event->redundant = -1;
    event->text_port = 0;
    if (media == NULL || sdp_media_rport(media) == 0) return;
    const struct sdp_format *text = sdp_media_rformat(media, "t140");
    const struct sdp_format *redundant = sdp_media_rformat(media, "red");
    const struct sa *address = sdp_media_raddr(media);
    if (text == NULL || (sdp_media_rdir(media) & SDP_SENDONLY) == 0 || !sa_isset(address, SA_ADDR)) return;
    if (re_snprintf(event->text_address, sizeof event->text_address, "%j", address) < 0) return;
    struct sa rtcp;
    sdp_media_raddr_rtcp(media, &rtcp);
    event->text = text->pt;
    event->characters = 0;
    struct pl characters;
    if (text->params != NULL && re_regex(text->params, strlen(text->params), "cps=[0-9]+", &characters) == 0)
        event->characters = (int)pl_u32(&characters);
    if (redundant != NULL) {
        enum { USUAL = 2 };
        event->redundant = redundant->pt;
        event->generations = redundant->params == NULL ? USUAL : 0;
        for (const char *sign = redundant->params; sign != NULL && *sign != 0; sign++)
            if (*sign == '/') event->generations++;
    }
    event->text_port = sa_port(address);
    event->text_rtcp_port = sa_port(&rtcp);
}

/// What the peer has said of its media.
static int heard(
    const struct sdp_media *media, const struct sdp_media *text, struct speakcode_sip_event *event) {
    heard_text(text, event);
    event->sound = event->keys = -1;
    // The first that we have as well is what the peer likes best; these two have numbers that nobody gives to others.
    const struct le *le;
    for (le = sdp_media_format_lst(media, false)->head; le != NULL && event->sound < 0; le = le->next) {
        const struct sdp_format *format = le->data;
        if (format->sup && (format->pt == 0 || format->pt == 8)) event->sound = format->pt;
    }
    const struct sdp_format *keys = sdp_media_rformat(media, "telephone-event");
    if (keys != NULL) event->keys = keys->pt;
    if (event->sound < 0) return EPROTONOSUPPORT;
    const struct sa *address = sdp_media_raddr(media);
    struct sa rtcp;
    sdp_media_raddr_rtcp(media, &rtcp);
    if (re_snprintf(event->address, sizeof event->address, "%j", address) < 0) return EPROTO;
    // On hold it is to hear nothing, whether by its direction, which libre tells as ours, or by an address that is none.
    int hears = (sdp_media_rdir(media) & SDP_SENDONLY) != 0 && sa_isset(address, SA_ADDR);
    event->port = hears ? sa_port(address) : 0;
    event->rtcp_port = hears ? sa_port(&rtcp) : 0;
    return 0;
}

int speakcode_sip_read_answer(const uint8_t *bytes, int count, struct speakcode_sip_event *event) {
    struct sdp_session *session = NULL;
    struct sdp_media *media = NULL;
    struct sdp_media *text = NULL;
    struct sa address;
    memset(event, 0, sizeof *event);
    int error = sa_set_str(&address, "127.0.0.1", 0);
    if (error == 0) error = offer(&session, &media, &address, 4000);
    if (error == 0) error = offer_text(session, &text, 4100);
    struct mbuf *offered = NULL;
    if (error == 0) error = sdp_encode(&offered, session, true);
    struct mbuf *buffer = mbuf_alloc((size_t)count + 1);
    if (error == 0) error = buffer == NULL ? ENOMEM : mbuf_write_mem(buffer, bytes, (size_t)count);
    if (error == 0) {
        buffer->pos = 0;
        error = sdp_decode(session, buffer, false);
    }
    if (error == 0) error = heard(media, text, event);
    mem_deref(buffer);
    mem_deref(offered);
    mem_deref(session);
    return error;
}

// ---- Calls -----------------------------------------------------------------------------------------------------------

static void forget(void *argument) {
    struct call *call = argument;
    tmr_cancel(&call->ringing);
    list_unlink(&call->le);
    // Takes back an invitation, or hangs up; the session lives on by itself until that is acknowledged.
    mem_deref(call->session);
    mem_deref(call->description);
    free(call->wanted);
}

static struct call *find(const struct speakcode_sip *agent, uint64_t number) {
    struct le *le;
    for (le = agent->calls.head; le != NULL; le = le->next) {
        struct call *call = le->data;
        if (call->number == number) return call;
    }
    return NULL;
}

static int authenticate(char **user, char **password, const char *realm, void *argument) {
    struct speakcode_sip *agent = argument;
    (void)realm;
    if (agent->user[0] == 0) return EAUTH;
    int error = str_dup(user, agent->user);
    return error != 0 ? error : str_dup(password, agent->password);
}

static void on_time(void *argument) {
    struct call *call = argument;
    struct speakcode_sip *agent = call->agent;
    struct speakcode_sip_event event = {
        .kind = SPEAKCODE_SIP_TIMED_OUT, .call = call->number, .status = call->provisional};
    mem_deref(call);
    tell(agent, &event);
}

static void on_progress(const struct sip_msg *message, void *argument) {
    struct call *call = argument;
    if (call->provisional == 0) {
        uint64_t now = tmr_jiffies();
        tmr_start(&call->ringing, call->deadline > now ? call->deadline - now : 1, on_time, call);
    }
    call->provisional = message->scode;
    if (message->scode == 180) call->has_rung = 1;
    if (message->scode <= 100) return;
    struct speakcode_sip_event event = {
        .kind = SPEAKCODE_SIP_RINGING, .call = call->number, .status = message->scode};
    tell(call->agent, &event);
}

static int on_answer(const struct sip_msg *message, void *argument) {
    struct call *call = argument;
    // Where the peer asks for an offer in the call, its acknowledgement answers that.
    struct speakcode_sip_event event = {
        .kind = call->is_answered ? SPEAKCODE_SIP_MOVED : SPEAKCODE_SIP_ANSWERED, .call = call->number};
    tmr_cancel(&call->ringing);
    int error = sdp_decode(call->description, message->mb, false);
    if (error == 0) error = heard(call->media, call->text, &event);
    if (error != 0) return error;
    call->is_answered = 1;
    free(call->wanted);
    call->wanted = NULL;
    tell(call->agent, &event);
    return 0;
}

/// Lets the peer's new offer say what stands where: it may give the place of what was refused to something else, and is answered by
/// as many lines of media as it has (RFC 3264, sections 6 and 8.1), but libre keeps each in the place that it once had.
static int give_back_places(const struct call *call) {
    enum { ROOM = 16 };
    // Reading a description without media forgets what the last one said of it.
    struct mbuf *nothing = mbuf_alloc(ROOM);
    int error = nothing == NULL ? ENOMEM : mbuf_write_str(nothing, "v=0\r\n");
    if (error == 0) {
        nothing->pos = 0;
        error = sdp_decode(call->description, nothing, true);
    }
    mem_deref(nothing);
    if (error != 0) return error;
    struct list *own = (struct list *)sdp_session_medial(call->description, true);
    struct le *next;
    for (struct le *place = sdp_session_medial(call->description, false)->head; place != NULL; place = next) {
        void *media = place->data;
        next = place->next;
        list_unlink(place);
        if (media == call->media || media == call->text) list_append(own, place, media);
        else mem_deref(media);
    }
    return 0;
}

/// A new offer of the peer's: it is put on hold, goes elsewhere, or shows that it lives (RFC 4028).
static int on_offer(struct mbuf **description, const struct sip_msg *message, void *argument) {
    struct call *call = argument;
    struct speakcode_sip_event event = {.kind = SPEAKCODE_SIP_MOVED, .call = call->number};
    int has_offer = mbuf_get_left(message->mb) > 0;
    if (has_offer) {
        int error = give_back_places(call);
        if (error == 0) error = sdp_decode(call->description, message->mb, true);
        if (error == 0) error = heard(call->media, call->text, &event);
        if (error != 0) return error;
    }
    int error = sdp_encode(description, call->description, !has_offer);
    if (error == 0) call->offered = message->cseq.num;
    if (error == 0 && has_offer) tell(call->agent, &event);
    return error;
}

static void on_established(const struct sip_msg *message, void *argument) {
    (void)message;
    (void)argument;
}

static int ask(struct call *call);

/// Whether somebody has refused the description, before it rang: since it has a text in it, it may be (RFC 3261, sections 21.4.13,
/// 21.4.26 and 21.6.4).
static int is_for_text(const struct call *call, const struct sip_msg *message) {
    if (message == NULL || call->text == NULL || call->wanted == NULL || call->has_rung) return 0;
    return message->scode == 415 || message->scode == 488 || message->scode == 606;
}

static void on_close(int error, const struct sip_msg *message, void *argument) {
    struct call *call = argument;
    struct speakcode_sip *agent = call->agent;
    struct speakcode_sip_event event = {.kind = SPEAKCODE_SIP_ENDED, .call = call->number};
    if (is_for_text(call, message)) {
        // Nobody goes without a code for want of text.
        call->wanted->text_port = 0;
        if (ask(call) == 0) return;
    }
    if (message != NULL) event.status = message->scode % ELSEWHERE;
    // The peer's BYE comes as a connection that was reset.
    if (!(call->is_answered && error == ECONNRESET)) event.error = error;
    mem_deref(call);
    tell(agent, &event);
}

#ifdef LIBRE_2
static int on_description(struct mbuf **description, const struct sa *source, const struct sa *peer, void *argument) {
    struct call *call = argument;
    (void)source;
    (void)peer;
    return sdp_encode(description, call->description, true);
}
#endif

/// Sends what was asked for.
static int ask(struct call *call) {
    struct speakcode_sip *agent = call->agent;
    const struct command *wanted = call->wanted;
    call->session = mem_deref(call->session);
    call->description = mem_deref(call->description);
    call->media = call->text = NULL;
    const char *routes[1] = {wanted->route};
    uint32_t count = wanted->route[0] != 0;
    struct mbuf *description = NULL;
    int error = offer(&call->description, &call->media, &agent->address, wanted->media_port);
    if (error == 0 && wanted->text_port != 0) error = offer_text(call->description, &call->text, wanted->text_port);
#ifdef LIBRE_2
    if (error == 0)
        error = sipsess_connect(
            &call->session, agent->sessions, wanted->to, NULL, wanted->from, wanted->user, routes, count,
            "application/sdp", authenticate, agent, false, NULL, on_description, on_offer, on_answer, on_progress,
            on_established, NULL, NULL, on_close, call, "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\n");
#else
    if (error == 0) error = sdp_encode(&description, call->description, true);
    if (error == 0)
        error = sipsess_connect(
            &call->session, agent->sessions, wanted->to, NULL, wanted->from, wanted->user, routes, count,
            "application/sdp", description, authenticate, agent, false, on_offer, on_answer, on_progress,
            on_established, NULL, NULL, on_close, call, "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\n");
#endif
    mem_deref(description);
    return error;
}

static int invite(struct speakcode_sip *agent, const struct command *command) {
    struct call *call = mem_zalloc(sizeof *call, forget);
    if (call == NULL) return ENOMEM;
    call->agent = agent;
    call->number = command->call;
    tmr_init(&call->ringing);
    list_append(&agent->calls, &call->le, call);
    call->wanted = malloc(sizeof *call->wanted);
    if (call->wanted != NULL) *call->wanted = *command;
    int error = call->wanted == NULL ? ENOMEM : ask(call);
    if (error != 0) {
        mem_deref(call);
        return error;
    }
    uint64_t patience = (uint64_t)command->seconds * 1000;
    call->deadline = tmr_jiffies() + patience;
    tmr_start(&call->ringing, patience < FIRST_WORD ? patience : FIRST_WORD, on_time, call);
    return 0;
}

// ---- The agent -------------------------------------------------------------------------------------------------------

static void on_registered(int error, const struct sip_msg *message, void *argument) {
    struct speakcode_sip *agent = argument;
    struct speakcode_sip_event event = {.kind = SPEAKCODE_SIP_REGISTERED, .error = error};
    if (message != NULL) event.status = message->scode;
    tell(agent, &event);
}

static int enroll(struct speakcode_sip *agent, const struct command *command) {
    enum { EXPIRES = 600 };
    const char *routes[1] = {command->route};
    uint32_t count = command->route[0] != 0;
#ifdef LIBRE_2
    int error = sipreg_alloc(
        &agent->registration, agent->sip, command->to, command->from, NULL, command->from, EXPIRES, command->user,
        routes, count, 0, authenticate, agent, false, on_registered, agent, NULL, NULL);
    return error != 0 ? error : sipreg_send(agent->registration);
#else
    return sipreg_register(
        &agent->registration, agent->sip, command->to, command->from, NULL, command->from, EXPIRES, command->user,
        routes, count, 0, authenticate, agent, false, on_registered, agent, NULL, NULL);
#endif
}

static void on_farewell(void *argument) {
    struct speakcode_sip *agent = argument;
    (void)agent;
    re_cancel();
}

/// The stack's transactions are over.
static void on_exit_of_stack(void *argument) {
    struct speakcode_sip *agent = argument;
    tmr_cancel(&agent->farewell);
    re_cancel();
}

static void close_agent(struct speakcode_sip *agent, int seconds) {
    if (agent->is_closing) return;
    agent->is_closing = 1;
    list_flush(&agent->calls);
    agent->registration = mem_deref(agent->registration);
    agent->questions = mem_deref(agent->questions);
    tmr_start(&agent->farewell, (uint64_t)seconds * 1000 + 1, on_farewell, agent);
    // Sessions that wait for their peer's word hold it.
    agent->sessions = mem_deref(agent->sessions);
    sip_close(agent->sip, false);
}

static void on_command(int id, void *data, void *argument) {
    struct speakcode_sip *agent = argument;
    struct command *command = data;
    (void)id;
    struct speakcode_sip_event event = {.kind = SPEAKCODE_SIP_ENDED, .call = command->call};
    switch (command->what) {
    case REGISTER:
        event.kind = SPEAKCODE_SIP_REGISTERED;
        event.error = agent->is_closing ? ECANCELED : enroll(agent, command);
        break;
    case INVITE: event.error = agent->is_closing ? ECANCELED : invite(agent, command); break;
    case END: mem_deref(find(agent, command->call)); break;
    case CLOSE: close_agent(agent, command->seconds); break;
    }
    free(command);
    if (event.error != 0) tell(agent, &event);
}

static int push(struct speakcode_sip *agent, const struct command *wanted) {
    struct command *command = malloc(sizeof *command);
    if (command == NULL) return ENOMEM;
    *command = *wanted;
    pthread_mutex_lock(&agent->mutex);
    int error = agent->is_told_to_close ? ECANCELED : mqueue_push(agent->commands, 0, command);
    // What is pushed is the loop's, which may have freed it by now.
    if (error == 0 && wanted->what == CLOSE) agent->is_told_to_close = 1;
    pthread_mutex_unlock(&agent->mutex);
    if (error != 0) free(command);
    return error;
}

/// Whether libre has the algorithm of every challenge that an answer shows.
static int can_meet(const struct sip_msg *message) {
    struct sip_auth *trial = NULL;
    int error = sip_auth_alloc(&trial, NULL, NULL, false);
    if (error == 0) error = sip_auth_authenticate(trial, message);
    mem_deref(trial);
    return error != ENOSYS && error != ENOMEM;
}

enum { MOST_CHALLENGES = 8 };
struct challenges {
    int count;
    struct sip_hdr *headers[MOST_CHALLENGES];
    enum sip_hdrid ids[MOST_CHALLENGES];
};

static bool on_challenge(const struct sip_hdr *header, const struct sip_msg *message, void *argument) {
    struct challenges *found = argument;
    (void)message;
    if (found->count == MOST_CHALLENGES) return true;
    found->headers[found->count] = (struct sip_hdr *)header;
    found->ids[found->count++] = header->id;
    return false;
}

static int is_of_realm(const struct sip_hdr *one, const struct sip_hdr *other) {
    struct httpauth_digest_chall first, second;
    return httpauth_digest_challenge_decode(&first, &one->val) == 0 &&
           httpauth_digest_challenge_decode(&second, &other->val) == 0 &&
           pl_casecmp(&first.realm, &second.realm) == 0;
}

/// Leaves of the challenges of each realm the topmost that libre can meet (RFC 8760, section 2.4): it meets all, or none.
static void choose(const struct sip_msg *message) {
    struct challenges found = {.count = 0};
    (void)sip_msg_hdr_apply(message, true, SIP_HDR_WWW_AUTHENTICATE, on_challenge, &found);
    (void)sip_msg_hdr_apply(message, true, SIP_HDR_PROXY_AUTHENTICATE, on_challenge, &found);
    if (found.count < 2) return;
    for (int index = 0; index < found.count; index++) found.headers[index]->id = SIP_HDR_NONE;
    struct challenges chosen = {.count = 0};
    for (int index = 0; index < found.count; index++) {
        struct sip_hdr *header = found.headers[index];
        int is_first = 1;
        for (int other = 0; other < chosen.count; other++)
            if (is_of_realm(chosen.headers[other], header)) is_first = 0;
        header->id = found.ids[index];
        if (is_first && can_meet(message)) (void)on_challenge(header, message, &chosen);
        header->id = SIP_HDR_NONE;
    }
    // Where it can meet none it says so itself.
    const struct challenges *shown = chosen.count > 0 ? &chosen : &found;
    for (int index = 0; index < shown->count; index++) shown->headers[index]->id = shown->ids[index];
}

/// Sees every answer before libre does, and lets libre have it.
static bool on_any_answer(const struct sip_msg *message, void *argument) {
    (void)argument;
    // Who may be called was decided for the address that was asked for.
    int is_elsewhere = message->scode >= 300 && message->scode < 400 && pl_strcmp(&message->cseq.met, "INVITE") == 0;
    if (is_elsewhere) ((struct sip_msg *)message)->scode += ELSEWHERE;
    if (message->scode == 401 || message->scode == 407) choose(message);
    return false;
}

/// Listens to answers before the transactions do, which libre has no function for: a listener begins with its place in the
/// list, as its element itself shows.
static int listen_first(struct speakcode_sip *agent) {
    int error = sip_listen(&agent->answers, agent->sip, false, on_any_answer, agent);
    if (error != 0) return error;
    struct le *place = (struct le *)(void *)agent->answers;
    struct list *list = place->list;
    if (place->data != agent->answers || list == NULL) return ENOSYS;
    list_unlink(place);
    list_prepend(list, place, agent->answers);
    return 0;
}

/// Whether a request is one that was answered, and comes again since the answer is not there yet: that is repeated by libre until
/// it is acknowledged, but the request would be refused as an old one.
static int is_answered(const struct speakcode_sip *agent, const struct sip_msg *message) {
    if (pl_strcmp(&message->met, "INVITE") != 0 || !pl_isset(&message->to.tag)) return 0;
    struct le *le;
    for (le = agent->calls.head; le != NULL; le = le->next) {
        const struct call *call = le->data;
        if (pl_strcmp(&message->callid, sip_dialog_callid(sipsess_dialog(call->session))) == 0)
            return call->offered == message->cseq.num;
    }
    return 0;
}

/// What a peer may ask beside calls.
static bool on_question(const struct sip_msg *message, void *argument) {
    struct speakcode_sip *agent = argument;
    if (is_answered(agent, message)) return true;
    if (pl_strcmp(&message->met, "OPTIONS") != 0) return false;
    (void)sip_treplyf(
        NULL, NULL, agent->sip, message, false, 200, "OK",
        "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\nAccept: application/sdp\r\nContent-Length: 0\r\n\r\n");
    return true;
}

static int copy(char *to, size_t size, const char *from) {
    if (from == NULL) from = "";
    size_t length = strlen(from);
    if (length >= size) return EMSGSIZE;
    memcpy(to, from, length + 1);
    return 0;
}

/// Has certificates checked, and their names: libre 1.x takes any.
///
/// By name, since libssl is libre's to link.
static int check_certificates(struct speakcode_sip *agent) {
#ifdef LIBRE_2
    void *context = tls_ssl_ctx(agent->tls);
#else
    void *context = tls_openssl_context(agent->tls);
#endif
    void (*set_verify)(void *, int, void *) = (void (*)(void *, int, void *))dlsym(RTLD_DEFAULT, "SSL_CTX_set_verify");
    int (*set_paths)(void *) = (int (*)(void *))dlsym(RTLD_DEFAULT, "SSL_CTX_set_default_verify_paths");
    void *(*parameters)(void *) = (void *(*)(void *))dlsym(RTLD_DEFAULT, "SSL_CTX_get0_param");
    int (*set_host)(void *, const char *, size_t) =
        (int (*)(void *, const char *, size_t))dlsym(RTLD_DEFAULT, "X509_VERIFY_PARAM_set1_host");
    int (*set_address)(void *, const char *) =
        (int (*)(void *, const char *))dlsym(RTLD_DEFAULT, "X509_VERIFY_PARAM_set1_ip_asc");
    if (!set_verify || !set_paths || !parameters || !set_host || !set_address) return ENOSYS;
    enum { VERIFY_PEER = 1 };
    if (set_paths(context) != 1) return EACCES;
    set_verify(context, VERIFY_PEER, NULL);
    void *wanted = parameters(context);
    struct sa address;
    int is_address = sa_set_str(&address, agent->tls_peer, 0) == 0;
    int done = is_address ? set_address(wanted, agent->tls_peer) : set_host(wanted, agent->tls_peer, 0);
    return done == 1 ? 0 : EINVAL;
}

/// UDP and TCP on one port.
static int open_port(struct speakcode_sip *agent, struct sa *address) {
    enum { TRIES = 64 };
    for (int tries = 1;; tries++) {
        int error = sip_transp_add(agent->sip, SIP_TRANSP_UDP, address);
        if (error != 0) return error;
        struct sa bound;
        struct sa peer = *address;
        error = sip_transp_laddr(agent->sip, &bound, SIP_TRANSP_UDP, &peer);
        if (error != 0) return error;
        agent->port = sa_port(&bound);
        error = sip_transp_add(agent->sip, SIP_TRANSP_TCP, &bound);
        // The system chose a port that is free for UDP; somebody may have it for TCP.
        if (error != EADDRINUSE || agent->wanted_port != 0 || tries == TRIES) return error;
        sip_transp_flush(agent->sip);
    }
}

static int open_transports(struct speakcode_sip *agent) {
    struct sa address = agent->address;
    sa_set_port(&address, agent->wanted_port);
    int error = open_port(agent, &address);
    if (error != 0 || agent->tls_peer[0] == 0) return error;
    // Any TLS: TLS_METHOD_SSLV23 in 1.x, TLS_METHOD_TLS in 3.x.
    error = tls_alloc(&agent->tls, (enum tls_method)0, NULL, NULL);
    if (error == 0) error = check_certificates(agent);
    sa_set_port(&address, agent->wanted_port == 0 ? 0 : agent->wanted_port + 1);
    if (error == 0) error = sip_transp_add(agent->sip, SIP_TRANSP_TLS, &address, agent->tls);
    return error;
}

static int open_stack(struct speakcode_sip *agent) {
    enum { BUCKETS = 256, MOST_SERVERS = 8 };
    struct sa servers[MOST_SERVERS];
    uint32_t count = MOST_SERVERS;
    if (dns_srv_get(NULL, 0, servers, &count) != 0) count = 0;
    int error = dnsc_alloc(&agent->dns, NULL, servers, count);
    if (error == 0) error = mqueue_alloc(&agent->commands, on_command, agent);
    if (error == 0)
        error = sip_alloc(
            &agent->sip, agent->dns, BUCKETS, BUCKETS, BUCKETS, agent->software, on_exit_of_stack, agent);
    if (error == 0) error = open_transports(agent);
    if (error == 0) error = listen_first(agent);
    if (error == 0) error = sip_listen(&agent->questions, agent->sip, true, on_question, agent);
    if (error == 0) error = sipsess_listen(&agent->sessions, agent->sip, BUCKETS, NULL, NULL);
    return error;
}

static void close_stack(struct speakcode_sip *agent) {
    list_flush(&agent->calls);
    tmr_cancel(&agent->farewell);
    agent->registration = mem_deref(agent->registration);
    agent->questions = mem_deref(agent->questions);
    agent->answers = mem_deref(agent->answers);
    agent->sessions = mem_deref(agent->sessions);
    // What has not ended by now is given up.
    if (agent->sip != NULL) sip_close(agent->sip, true);
    agent->sip = mem_deref(agent->sip);
    agent->tls = mem_deref(agent->tls);
    agent->dns = mem_deref(agent->dns);
    pthread_mutex_lock(&agent->mutex);
    agent->commands = mem_deref(agent->commands);
    pthread_mutex_unlock(&agent->mutex);
}

static void init_library(void) { (void)libre_init(); }

static void *run(void *argument) {
    struct speakcode_sip *agent = argument;
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    dbg_init(DBG_EMERG, DBG_NONE);
    pthread_once(&once, init_library);
    // A loop of this thread's own; the one that has initialised the library may have it already.
    (void)re_thread_init();
    tmr_init(&agent->farewell);
    (void)fd_setsize(agent->most_descriptors);
    int error = open_stack(agent);
    pthread_mutex_lock(&agent->mutex);
    agent->error = error;
    agent->has_opened = 1;
    pthread_cond_signal(&agent->opened);
    pthread_mutex_unlock(&agent->mutex);
    if (error == 0) (void)re_main(NULL);
    close_stack(agent);
    re_thread_close();
    if (error == 0) {
        struct speakcode_sip_event event = {.kind = SPEAKCODE_SIP_CLOSED};
        tell(agent, &event);
    }
    return NULL;
}

static struct speakcode_sip *alloc_agent(const struct speakcode_sip_settings *settings, int *error) {
    struct speakcode_sip *agent = calloc(1, sizeof *agent);
    *error = agent == NULL ? ENOMEM : 0;
    if (agent == NULL) return NULL;
    pthread_mutex_init(&agent->mutex, NULL);
    pthread_cond_init(&agent->opened, NULL);
    agent->pipe[0] = agent->pipe[1] = -1;
    agent->wanted_port = settings->port;
    agent->most_descriptors = settings->most_descriptors;
    *error = sa_set_str(&agent->address, settings->address, 0);
    if (*error == 0) *error = copy(agent->software, sizeof agent->software, settings->software);
    if (*error == 0) *error = copy(agent->user, sizeof agent->user, settings->user);
    if (*error == 0) *error = copy(agent->password, sizeof agent->password, settings->password);
    if (*error == 0) *error = copy(agent->tls_peer, sizeof agent->tls_peer, settings->tls_peer);
    if (*error == 0 && pipe(agent->pipe) != 0) *error = errno;
    return agent;
}

int speakcode_sip_open(struct speakcode_sip **opened, const struct speakcode_sip_settings *settings) {
    int error;
    struct speakcode_sip *agent = alloc_agent(settings, &error);
    if (error == 0) error = pthread_create(&agent->thread, NULL, run, agent);
    if (error == 0) {
        pthread_mutex_lock(&agent->mutex);
        while (!agent->has_opened) pthread_cond_wait(&agent->opened, &agent->mutex);
        error = agent->error;
        pthread_mutex_unlock(&agent->mutex);
        if (error != 0) pthread_join(agent->thread, NULL);
        agent->thread = error == 0 ? agent->thread : 0;
    }
    if (error != 0) {
        speakcode_sip_free(agent);
        return error;
    }
    *opened = agent;
    return 0;
}

int speakcode_sip_register(struct speakcode_sip *agent, const char *registrar, const char *identity) {
    struct command command = {.what = REGISTER};
    int error = copy(command.to, sizeof command.to, registrar);
    if (error == 0) error = copy(command.from, sizeof command.from, identity);
    if (error == 0) error = copy(command.user, sizeof command.user, agent->user[0] != 0 ? agent->user : "speakcode");
    return error != 0 ? error : push(agent, &command);
}

int speakcode_sip_invite(
    struct speakcode_sip *agent, uint64_t call, const char *to, const char *from, const char *route, const char *user,
    uint16_t media_port, uint16_t text_port, int seconds) {
    struct command command = {
        .what = INVITE, .call = call, .media_port = media_port, .text_port = text_port, .seconds = seconds};
    int error = copy(command.to, sizeof command.to, to);
    if (error == 0) error = copy(command.from, sizeof command.from, from);
    if (error == 0) error = copy(command.route, sizeof command.route, route);
    if (error == 0) error = copy(command.user, sizeof command.user, user);
    return error != 0 ? error : push(agent, &command);
}

int speakcode_sip_end(struct speakcode_sip *agent, uint64_t call) {
    struct command command = {.what = END, .call = call};
    return push(agent, &command);
}

int speakcode_sip_close(struct speakcode_sip *agent, int seconds) {
    struct command command = {.what = CLOSE, .seconds = seconds};
    return push(agent, &command);
}

void speakcode_sip_free(struct speakcode_sip *agent) {
    if (agent == NULL) return;
    if (agent->thread != 0) pthread_join(agent->thread, NULL);
    struct speakcode_sip_event event;
    while (agent->pipe[0] >= 0 && speakcode_sip_next(agent, &event)) continue;
    for (int end = 0; end < 2; end++)
        if (agent->pipe[end] >= 0) close(agent->pipe[end]);
    pthread_cond_destroy(&agent->opened);
    pthread_mutex_destroy(&agent->mutex);
    free(agent);
}
