package dev.berth.proxmox;

import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Signs requests. A ticket lives two hours and so does its CSRF token (pve-access-control, {@code $ticket_lifetime}); after
 * one, the ticket is handed in as the password of the next. Safe for use by many threads.
 */
final class Access {
    private static final Duration RENEW_AFTER = Duration.ofHours(1);
    private static final Duration DEAD_AFTER = Duration.ofMinutes(115);
    private static final String HEX = "0123456789ABCDEF";

    private final Credentials credentials;
    private final Clock clock;
    private final java.util.concurrent.locks.ReentrantLock login = new java.util.concurrent.locks.ReentrantLock();
    private volatile @Nullable Pass pass;

    /** What a login gives. */
    record Pass(String ticket, String csrf, Instant since) {
        @Override
        public String toString() {
            return "ticket since " + since;
        }
    }

    /** How a login is asked for. */
    interface Door {
        /** Posts a form to {@code /access/ticket}; the bytes are the caller's to wipe. */
        Answer post(byte[] form) throws InterruptedException;
    }

    Access(Credentials credentials, Clock clock) {
        this.credentials = credentials;
        this.clock = clock;
    }

    /** Puts on a request what proves who asks, and tells by which ticket: null for a token. */
    @Nullable
    Pass sign(HttpRequest.Builder request, Answer.Purpose purpose, Door door) throws InterruptedException {
        if (credentials instanceof Credentials.Token token) {
            request.setHeader("Authorization", token.header());
            return null;
        }
        Pass current = pass((Credentials.Ticket) credentials, door);
        request.setHeader("Cookie", "PVEAuthCookie=" + URLEncoder.encode(current.ticket(), StandardCharsets.UTF_8));
        if (purpose == Answer.Purpose.WRITE) {
            request.setHeader("CSRFPreventionToken", current.csrf());
        }
        return current;
    }

    /**
     * Forgets a ticket that was refused, unless another thread has a newer one by now; tells whether another try may have a
     * better one.
     */
    boolean mayRenew(@Nullable Pass refused) throws InterruptedException {
        if (refused == null) {
            return false;
        }
        login.lockInterruptibly();
        try {
            if (refused.equals(pass)) {
                pass = null;
            }
        } finally {
            login.unlock();
        }
        return true;
    }

    private Pass pass(Credentials.Ticket user, Door door) throws InterruptedException {
        Pass known = pass;
        if (known != null && age(known).compareTo(RENEW_AFTER) < 0) {
            return known;
        }
        login.lockInterruptibly();
        try {
            known = pass;
            if (known != null && age(known).compareTo(RENEW_AFTER) < 0) {
                return known;
            }
            Pass fresh = known != null && age(known).compareTo(DEAD_AFTER) < 0 ? renewed(user, known, door) : null;
            fresh = fresh != null ? fresh : opened(user, user.password(), door);
            pass = fresh;
            return fresh;
        } finally {
            login.unlock();
        }
    }

    private Duration age(Pass known) {
        return Duration.between(known.since(), clock.instant());
    }

    /** Null if the old ticket is no longer taken: then the password is asked for. */
    private @Nullable Pass renewed(Credentials.Ticket user, Pass known, Door door) throws InterruptedException {
        try {
            return opened(user, known.ticket().toCharArray(), door);
        } catch (Trouble refused) {
            if (refused.isWorthAskingElsewhere()) {
                throw refused;
            }
            return null;
        }
    }

    private Pass opened(Credentials.Ticket user, char[] password, Door door) throws InterruptedException {
        // Before the question: a ticket is never taken for younger than it is.
        Instant since = clock.instant();
        byte[] form = form(user.user(), password);
        Answer answer;
        try {
            answer = door.post(form);
        } finally {
            Arrays.fill(form, (byte) 0);
        }
        if (!answer.isGood()) {
            throw answer.status() == 401 || answer.status() == 400
                    ? Trouble.rejected("login of " + credentials + " was refused (" + answer.status()
                            + "): see that user, realm and password are right")
                    : Trouble.unanswered("login of " + credentials + ": " + answer.text(), null);
        }
        JsonNode data = answer.data();
        if (Answer.flag(data.path("NeedTFA"))) {
            throw Trouble.rejected("login of " + credentials + " wants a second factor; use an API token");
        }
        String ticket = Answer.text(data, "ticket");
        String csrf = Answer.text(data, "CSRFPreventionToken");
        if (ticket.isEmpty() || csrf.isEmpty()) {
            throw Trouble.unanswered("login of " + credentials + " gave no ticket", null);
        }
        return new Pass(ticket, csrf, since);
    }

    /** A form's bytes, without a text of the password on the way. */
    private static byte[] form(String user, char[] password) {
        CharBuffer given = CharBuffer.wrap(password);
        ByteBuffer plain = ByteBuffer.allocate((int)
                (password.length * (double) StandardCharsets.UTF_8.newEncoder().maxBytesPerChar()));
        StandardCharsets.UTF_8.newEncoder().encode(given, plain, true);
        plain.flip();
        byte[] start = ("username=" + URLEncoder.encode(user, StandardCharsets.UTF_8) + "&password=")
                .getBytes(StandardCharsets.US_ASCII);
        byte[] form = Arrays.copyOf(start, start.length + 3 * plain.remaining());
        int at = start.length;
        while (plain.hasRemaining()) {
            int one = plain.get() & 0xff;
            form[at++] = '%';
            form[at++] = (byte) HEX.charAt(one >> 4);
            form[at++] = (byte) HEX.charAt(one & 15);
        }
        Arrays.fill(plain.array(), (byte) 0);
        Arrays.fill(password, '\0');
        return form;
    }

    void wipe() {
        pass = null;
        if (credentials instanceof Credentials.Token token) {
            token.wipe();
        }
    }
}
