// SPDX-License-Identifier: GPL-3.0-or-later

// libre 1.x answers challenges by MD5 alone. Its functions that do so are these, in its place: the loader gives a program's own
// functions to the libraries that it has. They do the same as libre's `src/sip/auth.c`, and SHA-256 as well (RFC 7616, RFC 8760).

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>

#include "../CLibre/shim.h"

#if defined(__GLIBC__) && !__has_include(<re_async.h>)

enum { LONGEST_DIGEST = 32, TEXT = 2 * LONGEST_DIGEST + 1 };

/// What is known of those who ask, a realm each.
struct sip_auth {
    struct list realms;
    sip_auth_h *ask;
    void *argument;
    bool keeps_argument;
    int error;
};

struct realm {
    struct le le;
    char *name, *nonce, *opaque, *user, *password;
    enum sip_hdrid header;
    uint32_t count;
    bool has_quality;
    bool is_sha256;
};

static void forget_realm(void *argument) {
    struct realm *realm = argument;
    list_unlink(&realm->le);
    mem_deref(realm->name);
    mem_deref(realm->nonce);
    mem_deref(realm->opaque);
    mem_deref(realm->user);
    mem_deref(realm->password);
}

static void forget_all(void *argument) {
    struct sip_auth *auth = argument;
    if (auth->keeps_argument) mem_deref(auth->argument);
    list_flush(&auth->realms);
}

static int know_nobody(char **user, char **password, const char *realm, void *argument) {
    (void)user, (void)password, (void)realm, (void)argument;
    return EAUTH;
}

int sip_auth_alloc(struct sip_auth **allocated, sip_auth_h *ask, void *argument, bool keeps) {
    if (allocated == NULL) return EINVAL;
    struct sip_auth *auth = mem_zalloc(sizeof *auth, forget_all);
    if (auth == NULL) return ENOMEM;
    auth->ask = ask != NULL ? ask : know_nobody;
    auth->argument = keeps ? mem_ref(argument) : argument;
    auth->keeps_argument = keeps;
    *allocated = auth;
    return 0;
}

void sip_auth_reset(struct sip_auth *auth) {
    if (auth != NULL) list_flush(&auth->realms);
}

/// By name, since libcrypto is libre's to link; NULL where there is none.
static unsigned char *(*sha256(void))(const unsigned char *, size_t, unsigned char *) {
    return (unsigned char *(*)(const unsigned char *, size_t, unsigned char *))dlsym(RTLD_DEFAULT, "SHA256");
}

static struct realm *find_realm(const struct sip_auth *auth, const struct pl *name) {
    for (struct le *le = auth->realms.head; le != NULL; le = le->next) {
        struct realm *realm = le->data;
        if (pl_strcmp(name, realm->name) == 0) return realm;
    }
    return NULL;
}

static int add_realm(struct realm **added, struct sip_auth *auth, const struct pl *name) {
    struct realm *realm = *added = mem_zalloc(sizeof *realm, forget_realm);
    if (realm == NULL) return ENOMEM;
    list_append(&auth->realms, &realm->le, realm);
    int error = pl_strdup(&realm->name, name);
    return error != 0 ? error : auth->ask(&realm->user, &realm->password, realm->name, auth->argument);
}

static int take(struct realm *realm, const struct httpauth_digest_chall *challenge, enum sip_hdrid header) {
    realm->header = header;
    realm->count = 1;
    realm->is_sha256 = pl_strcasecmp(&challenge->algorithm, "SHA-256") == 0;
    realm->has_quality = pl_isset(&challenge->qop);
    realm->nonce = mem_deref(realm->nonce);
    realm->opaque = mem_deref(realm->opaque);
    int error = pl_strdup(&realm->nonce, &challenge->nonce);
    if (error == 0 && pl_isset(&challenge->opaque)) error = pl_strdup(&realm->opaque, &challenge->opaque);
    return error;
}

static bool on_challenge(const struct sip_hdr *header, const struct sip_msg *message, void *argument) {
    struct sip_auth *auth = argument;
    (void)message;
    struct httpauth_digest_chall challenge;
    auth->error = httpauth_digest_challenge_decode(&challenge, &header->val) != 0 ? EBADMSG : 0;
    if (auth->error != 0) return true;
    int is_known = !pl_isset(&challenge.algorithm) || pl_strcasecmp(&challenge.algorithm, "MD5") == 0 ||
                   (pl_strcasecmp(&challenge.algorithm, "SHA-256") == 0 && sha256() != NULL);
    if (!is_known) {
        auth->error = ENOSYS;
        return true;
    }
    struct realm *realm = find_realm(auth, &challenge.realm);
    // Asked again, the same would be said again, unless it was only too late.
    if (realm == NULL) auth->error = add_realm(&realm, auth, &challenge.realm);
    else if (!pl_isset(&challenge.stale) || pl_strcasecmp(&challenge.stale, "true") != 0) auth->error = EAUTH;
    if (auth->error == 0) auth->error = take(realm, &challenge, header->id);
    if (auth->error != 0) mem_deref(realm);
    return auth->error != 0;
}

int sip_auth_authenticate(struct sip_auth *auth, const struct sip_msg *message) {
    if (auth == NULL || message == NULL) return EINVAL;
    if (sip_msg_hdr_apply(message, true, SIP_HDR_WWW_AUTHENTICATE, on_challenge, auth)) return auth->error;
    if (sip_msg_hdr_apply(message, true, SIP_HDR_PROXY_AUTHENTICATE, on_challenge, auth)) return auth->error;
    return 0;
}

/// The digest of a text, in hexadecimal figures.
static int digest(const struct realm *realm, char text[TEXT], const char *format, ...) {
    struct mbuf *buffer = mbuf_alloc(256);
    if (buffer == NULL) return ENOMEM;
    va_list arguments;
    va_start(arguments, format);
    int error = mbuf_vprintf(buffer, format, arguments);
    va_end(arguments);
    uint8_t bytes[LONGEST_DIGEST];
    size_t size = realm->is_sha256 ? 32 : 16;
    if (error == 0) {
        if (realm->is_sha256) sha256()(buffer->buf, buffer->end, bytes);
        else md5(buffer->buf, buffer->end, bytes);
        if (re_snprintf(text, TEXT, "%w", bytes, size) < 0) error = EINVAL;
    }
    // It has the password in it.
    memset(buffer->buf, 0, buffer->end);
    mem_deref(buffer);
    return error;
}

static int encode(struct mbuf *buffer, struct realm *realm, const char *method, const char *uri) {
    char secret[TEXT], asked[TEXT], response[TEXT];
    uint64_t own = rand_u64();
    int error = digest(realm, secret, "%s:%s:%s", realm->user, realm->name, realm->password);
    if (error == 0) error = digest(realm, asked, "%s:%s", method, uri);
    if (error == 0 && realm->has_quality)
        error = digest(
            realm, response, "%s:%s:%08x:%016llx:auth:%s", secret, realm->nonce, realm->count, own, asked);
    else if (error == 0) error = digest(realm, response, "%s:%s:%s", secret, realm->nonce, asked);
    if (error != 0) return error;
    error = mbuf_printf(
        buffer, "%s: Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", response=\"%s\"",
        realm->header == SIP_HDR_WWW_AUTHENTICATE ? "Authorization" : "Proxy-Authorization", realm->user, realm->name,
        realm->nonce, uri, response);
    if (error == 0 && realm->is_sha256) error = mbuf_write_str(buffer, ", algorithm=SHA-256");
    if (error == 0 && realm->opaque != NULL) error = mbuf_printf(buffer, ", opaque=\"%s\"", realm->opaque);
    if (error == 0 && realm->has_quality)
        error = mbuf_printf(buffer, ", cnonce=\"%016llx\", qop=auth, nc=%08x", own, realm->count);
    realm->count++;
    return error != 0 ? error : mbuf_write_str(buffer, "\r\n");
}

int sip_auth_encode(struct mbuf *buffer, struct sip_auth *auth, const char *method, const char *uri) {
    if (buffer == NULL || auth == NULL || method == NULL || uri == NULL) return EINVAL;
    int error = 0;
    for (struct le *le = auth->realms.head; le != NULL && error == 0; le = le->next)
        error = encode(buffer, le->data, method, uri);
    return error;
}

#endif
