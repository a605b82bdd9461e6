package dev.berth.fuzz;

import dev.berth.BerthException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.time.DateTimeException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * Calls with a watch in its hand, and says what is wrong with how the call ended. Right is an answer in time, or an error
 * that is meant for the caller: Berth's own, one of the call's {@code throws}, or what the caller's own code threw. Its
 * message is one short line, whatever was given.
 */
final class Judge implements AutoCloseable {
    static final int LONGEST_MESSAGE = 4_100;
    private static final Pattern NAMED =
            Pattern.compile("because (\"(this\\.)?[a-z][A-Za-z]+\"|the return value of \".+\") is null");

    /** By the call; each is in its Javadoc as {@code @throws}. */
    private static final Map<String, Class<? extends RuntimeException>> DOCUMENTED = Map.of(
            "Candidates.isExcluded(int)", IndexOutOfBoundsException.class,
            "Candidates.Numbered.isExcluded(int)", IndexOutOfBoundsException.class,
            "Candidates.group(int)", IndexOutOfBoundsException.class,
            "Candidates.Listed.group(int)", IndexOutOfBoundsException.class,
            "SyncRow.value(int)", IndexOutOfBoundsException.class,
            "RowShape.offset(int)", IndexOutOfBoundsException.class,
            "Commit.Create.after(Instant)", DateTimeException.class);

    private final long seconds;
    private ExecutorService caller = caller();

    Judge() {
        this(10);
    }

    Judge(long seconds) {
        this.seconds = seconds;
    }

    private static ExecutorService caller() {
        return Executors.newSingleThreadExecutor(task -> {
            var thread = new Thread(task, "caller");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * How a call ended.
     *
     * @param value what it answered
     * @param complaint what is wrong with it
     */
    record Ending(Optional<Object> value, Optional<String> complaint) {
        static Ending wrong(String complaint) {
            return new Ending(Optional.empty(), Optional.of(complaint));
        }
    }

    Ending call(Executable called, Object receiver, Object[] arguments) throws InterruptedException {
        Future<Object> answer = caller.submit(() -> invoke(called, receiver, arguments));
        try {
            return new Ending(Optional.ofNullable(answer.get(seconds, TimeUnit.SECONDS)), Optional.empty());
        } catch (TimeoutException hangs) {
            String where = Thread.getAllStackTraces().entrySet().stream()
                    .filter(thread -> thread.getKey().getName().equals("caller"))
                    .map(thread ->
                            Arrays.stream(thread.getValue()).limit(12).toList().toString())
                    .findFirst()
                    .orElse("");
            caller.shutdownNow();
            caller = caller();
            return Ending.wrong("no end within " + seconds + " s: " + where);
        } catch (java.util.concurrent.ExecutionException e) {
            Throwable thrown = e.getCause() instanceof InvocationTargetException target
                    ? target.getTargetException()
                    : e.getCause();
            return new Ending(Optional.empty(), complaint(called, thrown));
        }
    }

    private static Object invoke(Executable called, Object receiver, Object[] arguments)
            throws ReflectiveOperationException {
        if (called instanceof Constructor<?> constructor) {
            return constructor.newInstance(arguments);
        }
        return ((Method) called).invoke(receiver, arguments);
    }

    private static Optional<String> complaint(Executable called, Throwable thrown) {
        if (thrown instanceof HostileValues.Mischief || thrown.getCause() instanceof HostileValues.Mischief) {
            return Optional.empty();
        }
        if (thrown instanceof BerthException) {
            return illegible(thrown.getMessage()).map(why -> why + ": " + describe(thrown));
        }
        if (namesWhatWasNull(thrown) || isDocumented(called, thrown)) {
            return Optional.empty();
        }
        if (Arrays.stream(called.getExceptionTypes()).anyMatch(type -> type.isInstance(thrown))
                && !(thrown instanceof RuntimeException)) {
            return Optional.empty();
        }
        return Optional.of(describe(thrown));
    }

    /** Java's own words for a null that Berth itself met, with the name that it has there. */
    private static boolean namesWhatWasNull(Throwable thrown) {
        return thrown instanceof NullPointerException
                && thrown.getMessage() != null
                && NAMED.matcher(thrown.getMessage()).find()
                && thrown.getStackTrace()[0].getClassName().startsWith("dev.berth.");
    }

    /** What the call's Javadoc says of an index, and of a time at the end of all times. */
    private static boolean isDocumented(Executable called, Throwable thrown) {
        return Optional.ofNullable(DOCUMENTED.get(PublicApi.name(called)))
                .filter(type -> type.isInstance(thrown))
                .isPresent();
    }

    /** What is wrong with a message, if something is. */
    static Optional<String> illegible(String message) {
        if (message == null || message.isBlank()) {
            return Optional.of("no message");
        }
        if (message.length() > LONGEST_MESSAGE) {
            return Optional.of("a message of " + message.length() + " characters");
        }
        return message.codePoints()
                        .anyMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE)
                ? Optional.of("control characters in the message")
                : Optional.empty();
    }

    private static String describe(Throwable thrown) {
        return thrown.getClass().getName() + ": " + HostileValues.show(thrown.getMessage()) + " at "
                + Arrays.stream(thrown.getStackTrace())
                        .filter(frame -> frame.getClassName().startsWith("dev.berth"))
                        .limit(3)
                        .toList();
    }

    /** A record's own methods that ask for nothing. */
    static Optional<String> readThrough(Object made) {
        if (!made.getClass().isRecord()) {
            return Optional.empty();
        }
        try {
            for (RecordComponent component : made.getClass().getRecordComponents()) {
                component.getAccessor().invoke(made);
            }
            String read = made.toString() + made.hashCode() + made.equals("another");
            return read.isEmpty() ? Optional.of("nothing to read") : Optional.empty();
        } catch (RuntimeException | ReflectiveOperationException e) {
            Throwable thrown = e instanceof InvocationTargetException target ? target.getTargetException() : e;
            if (namesWhatWasNull(thrown)) {
                return Optional.empty();
            }
            return Optional.of("made, and then " + describe(thrown));
        }
    }

    @Override
    public void close() {
        caller.shutdownNow();
    }
}
