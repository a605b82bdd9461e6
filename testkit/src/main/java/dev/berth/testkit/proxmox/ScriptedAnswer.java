package dev.berth.testkit.proxmox;

import dev.berth.InvalidInputException;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * What becomes of an answer that a test has chosen by {@link FakeProxmox#next} or {@link FakeProxmox#every}. Until one
 * of its methods is called nothing is changed. Safe for use by many threads.
 */
public final class ScriptedAnswer {
    /** What is done. */
    enum Deed {
        USUAL,
        LOST,
        UNREAD,
        TOLD,
        TIMED_OUT,
        LATE,
        TORN,
        TRICKLING
    }

    private final String method;
    private final Pattern path;
    private final boolean once;
    private boolean used;
    private Deed deed = Deed.USUAL;
    private int status;
    private String reason = "";
    private Duration delay = Duration.ZERO;
    private String type = "";
    private String body = "";

    ScriptedAnswer(String method, String path, boolean once) {
        this.method = InvalidInputException.requireNonNull("method", method);
        this.once = once;
        var pattern = new StringBuilder();
        for (String piece : InvalidInputException.requireNonNull("path", path).split("\\*", -1)) {
            pattern.append(pattern.isEmpty() ? "" : "[^/]*").append(Pattern.quote(piece));
        }
        this.path = path.equals("*") ? Pattern.compile(".*") : Pattern.compile(pattern.toString());
    }

    /** What was chosen, as it is when a request takes it. */
    record Chosen(Deed deed, int status, String reason, Duration delay, String type, String body) {}

    synchronized boolean takes(Request request) {
        boolean matches = !used
                && deed != Deed.USUAL
                && (method.equals("*") || method.equals(request.method()))
                && path.matcher(request.path()).matches();
        used = used || (once && matches);
        return matches;
    }

    synchronized Chosen chosen() {
        return new Chosen(deed, status, reason, delay, type, body);
    }

    private synchronized void choose(Deed what, int told, String why, Duration wait) {
        deed = what;
        status = told;
        reason = why;
        delay = wait;
    }

    /** Executes the request and then cuts the connection: the asker cannot know what became of it. */
    public void isLost() {
        choose(Deed.LOST, 0, "", Duration.ZERO);
    }

    /** Cuts the connection before anything is executed. */
    public void neverArrives() {
        choose(Deed.UNREAD, 0, "", Duration.ZERO);
    }

    /**
     * Answers with a status and an empty body, and executes nothing.
     *
     * @param code the status
     * @param phrase the reason phrase
     */
    public void is(int code, String phrase) {
        says(code, InvalidInputException.requireNonNull("phrase", phrase), "", "");
    }

    /**
     * Answers with whatever is said, and executes nothing: what a proxy before the cluster says of its own, or a node that is
     * ill.
     *
     * @param code the status
     * @param phrase the reason phrase
     * @param contentType the content type, empty for none
     * @param content the body, empty for none
     */
    public synchronized void says(int code, String phrase, String contentType, String content) {
        if (code < 200 || code > 599) {
            throw InvalidInputException.of("status", code, "200 to 599");
        }
        type = InvalidInputException.requireNonNull("content type", contentType);
        body = InvalidInputException.requireNonNull("content", content);
        choose(Deed.TOLD, code, InvalidInputException.requireNonNull("phrase", phrase), Duration.ZERO);
    }

    /** Answers 596, {@code Connection timed out}, and executes the request all the same. */
    public void isTimeoutThoughExecuted() {
        choose(Deed.TIMED_OUT, 596, "Connection timed out", Duration.ZERO);
    }

    /**
     * Executes the request and answers as usual, but late.
     *
     * @param wait how late, in the time of the wall
     */
    public void comesAfter(Duration wait) {
        choose(Deed.LATE, 0, "", InvalidInputException.requireNonNull("wait", wait));
    }

    /** Executes the request, and ends the answer in the middle of its body. */
    public void isTorn() {
        choose(Deed.TORN, 0, "", Duration.ZERO);
    }

    /**
     * Executes the request, and sends the answer's head at once and then its body byte by byte: whoever waits for the head
     * alone waits for very long.
     *
     * @param each how long there is before each byte, in the time of the wall
     */
    public void trickles(Duration each) {
        choose(Deed.TRICKLING, 0, "", InvalidInputException.requireNonNull("pause", each));
    }
}
