package dev.berth.fuzz;

import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.net.URI;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Values that somebody might object to, by type. */
final class HostileValues {
    /** What somebody's own code throws when Berth calls it. */
    static final class Mischief extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Mischief() {
            super("mischief");
        }
    }

    static final List<String> TEXTS = List.of(
            "",
            " ",
            "\u0000",
            "a\nb\r\n[ERROR] forged",
            "\u001b[31mred",
            "\ud800",
            "a\udc00b",
            "\u202egnp.exe",
            "a\u200bb\ufeff",
            "e\u0301\u0301\u0301",
            "\ud83d\udc69\u200d\ud83d\udcbb",
            "'; DROP TABLE canary; --",
            "\"",
            "`",
            "\\",
            "../../etc/passwd",
            "%s%n%d",
            "{}",
            "${jndi:ldap://127.0.0.1/a}",
            "-1",
            "2147483648",
            "999999999999999999999999999",
            "1e999",
            "NaN",
            "null",
            "a".repeat(256),
            "\ud83d\ude00".repeat(400),
            "x".repeat(1 << 20));

    private static final List<Integer> INTS = List.of(
            Integer.MIN_VALUE,
            -65_536,
            -1,
            0,
            1,
            2,
            31,
            1_000,
            65_535,
            65_536,
            1 << 30,
            Integer.MAX_VALUE - 1,
            Integer.MAX_VALUE);
    private static final List<Long> LONGS = List.of(Long.MIN_VALUE, -1L, 0L, 1L, 1L << 32, Long.MAX_VALUE);
    private static final List<Duration> SPANS = List.of(
            Duration.ZERO,
            Duration.ofNanos(1),
            Duration.ofNanos(-1),
            Duration.ofMillis(1),
            Duration.ofDays(36_500),
            Duration.ofDays(400_000),
            Duration.ofSeconds(Long.MAX_VALUE, 999_999_999),
            Duration.ofSeconds(Long.MIN_VALUE));
    private static final int MANY = 10_000;
    /** Of elements and components that are texts or the like, this many are tried each. */
    private static final int FEW = 12;

    private final Samples samples;
    private final Set<Class<?>> underWay = new HashSet<>();

    HostileValues(Samples samples) {
        this.samples = samples;
    }

    /** Never the same list twice: what is given away may be changed by who gets it. */
    List<Object> of(Type type) {
        List<Object> all = new ArrayList<>();
        Class<?> raw = Samples.raw(type);
        if (!raw.isPrimitive()) {
            all.add(null);
        }
        Type[] arguments = type instanceof ParameterizedType generic ? generic.getActualTypeArguments() : new Type[0];
        if (raw == String.class || raw == CharSequence.class) {
            all.addAll(TEXTS);
        } else if (raw == Object.class) {
            all.addAll(objects());
        } else if (raw == int.class || raw == Integer.class) {
            all.addAll(INTS);
        } else if (raw == long.class || raw == Long.class) {
            all.addAll(LONGS);
        } else if (raw == boolean.class) {
            all.addAll(List.of(true, false));
        } else if (raw == char.class) {
            all.addAll(List.of('\0', '\n', '\ud800', '\uffff', '\'', 'a'));
        } else if (raw == Duration.class) {
            all.addAll(SPANS);
        } else if (raw == Instant.class) {
            all.addAll(List.of(Instant.MIN, Instant.EPOCH, Instant.MAX));
        } else if (raw == Clock.class) {
            all.addAll(List.of(Clock.fixed(Instant.MIN, ZoneOffset.UTC), Clock.fixed(Instant.MAX, ZoneOffset.UTC)));
        } else if (raw == UUID.class) {
            all.addAll(List.of(new UUID(0, 0), new UUID(-1, -1)));
        } else if (raw == OptionalInt.class) {
            all.add(OptionalInt.empty());
            INTS.forEach(one -> all.add(OptionalInt.of(one)));
        } else if (raw == OptionalLong.class) {
            all.add(OptionalLong.empty());
            LONGS.forEach(one -> all.add(OptionalLong.of(one)));
        } else if (raw == Path.class) {
            all.addAll(List.of(
                    Path.of(""), Path.of("../../etc"), Path.of("/"), Path.of("no\nsuch"), Path.of("a".repeat(5_000))));
        } else if (raw == URI.class) {
            Arrays.stream(URIS).map(URI::create).forEach(all::add);
        } else if (Throwable.class.isAssignableFrom(raw)) {
            all.addAll(failures());
        } else if (raw.isEnum()) {
            all.addAll(Arrays.asList(raw.getEnumConstants()));
        } else if (raw == Optional.class) {
            all.add(Optional.empty());
            few(arguments[0]).stream()
                    .filter(one -> one != null)
                    .map(Optional::of)
                    .forEach(all::add);
        } else if (raw == Map.class) {
            all.addAll(maps(arguments[0], arguments[1]));
        } else if (Iterable.class == raw || Collection.class.isAssignableFrom(raw)) {
            all.addAll(collections(raw, arguments.length == 0 ? Object.class : arguments[0]));
        } else if (raw.isArray()) {
            Type element =
                    type instanceof GenericArrayType array ? array.getGenericComponentType() : raw.getComponentType();
            all.addAll(arrays(raw.getComponentType(), element));
        } else if (raw.isInterface() && !raw.isSealed()) {
            samples.of(type).ifPresent(all::add);
            all.add(samples.callback(raw, () -> {
                throw new Mischief();
            }));
            all.add(nothing(raw));
        } else {
            samples.of(type).ifPresent(all::add);
            all.addAll(variants(type, raw));
        }
        return all;
    }

    private static final String[] URIS = {
        "",
        "a",
        "mailto:a@b",
        "http://user:a-secret-value@127.0.0.1:1/",
        "tcp://127.0.0.1:99999",
        "unix:///",
        "https://127.0.0.1:1/a?b=c#d",
        "https://[::1]:1",
        "npipe:////./pipe/x",
        "file:///etc/passwd",
        "https://127.0.0.1:-1"
    };

    private static List<Object> objects() {
        List<Object> all = new ArrayList<>(TEXTS.subList(0, FEW));
        all.addAll(List.of(Integer.MIN_VALUE, Double.NaN, new byte[0], List.of(), new Object() {
            @Override
            @SuppressWarnings("ToStringReturnsNull")
            public String toString() {
                return null;
            }
        }));
        return all;
    }

    private static List<Object> failures() {
        var one = new RuntimeException((String) null);
        var other = new RuntimeException("a\nb".repeat(100_000), one);
        one.initCause(other);
        return List.of(
                one,
                new SQLException(null, null, Integer.MIN_VALUE),
                new StackOverflowError(),
                new InterruptedException(),
                new java.util.concurrent.CompletionException(null));
    }

    /** Somebody's code that answers nothing at all, where it may. */
    private Object nothing(Class<?> type) {
        return java.lang.reflect.Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {type}, (self, method, given) -> switch (method.getName()) {
                    case "equals" -> self == given[0];
                    case "hashCode" -> 7;
                    case "toString" -> "nothing";
                    default ->
                        method.getReturnType().isPrimitive() && method.getReturnType() != void.class
                                ? Array.get(Array.newInstance(method.getReturnType(), 1), 0)
                                : null;
                });
    }

    private List<Object> few(Type type) {
        List<Object> all = of(type);
        return all.size() <= FEW
                ? all
                : IntStream.range(0, FEW)
                        .mapToObj(i -> all.get(i * all.size() / FEW))
                        .collect(Collectors.toCollection(ArrayList::new));
    }

    private List<Object> collections(Class<?> raw, Type element) {
        List<List<Object>> contents = new ArrayList<>();
        contents.add(List.of());
        for (Object one : few(element)) {
            contents.add(Arrays.asList(one));
        }
        samples.of(element).ifPresent(good -> {
            contents.add(Arrays.asList(good, null));
            contents.add(Arrays.asList(good, good));
        });
        if (element == String.class || element == Integer.class) {
            contents.add(IntStream.range(0, MANY)
                    .mapToObj(i -> element == Integer.class ? (Object) i : "n" + i)
                    .toList());
        }
        return contents.stream()
                .map(content -> raw == Set.class ? new HashSet<>(content) : new ArrayList<>(content))
                .collect(Collectors.toCollection(ArrayList::new));
    }

    private List<Object> maps(Type key, Type value) {
        List<Object> all = new ArrayList<>();
        all.add(new HashMap<>());
        Object goodKey = samples.of(key).orElse(null);
        Object goodValue = samples.of(value).orElse(null);
        for (Object one : few(key)) {
            all.add(new HashMap<>(
                    Arrays.asList(one).stream().collect(HashMap::new, (map, k) -> map.put(k, goodValue), Map::putAll)));
        }
        for (Object one : few(value)) {
            var map = new HashMap<Object, Object>();
            map.put(goodKey, one);
            all.add(map);
        }
        if (key == String.class) {
            var many = new HashMap<Object, Object>();
            IntStream.range(0, MANY).forEach(i -> many.put("n" + i, goodValue));
            all.add(many);
        }
        return all;
    }

    private List<Object> arrays(Class<?> component, Type element) {
        List<Object> all = new ArrayList<>();
        all.add(Array.newInstance(component, 0));
        for (Object one : component == String.class ? of(element) : few(element)) {
            Object array = Array.newInstance(component, 1);
            Array.set(array, 0, one);
            all.add(array);
        }
        Object many = Array.newInstance(component, MANY);
        Object good = samples.of(element).orElse(null);
        if (good != null) {
            IntStream.range(0, MANY).forEach(i -> Array.set(many, i, good));
            all.add(many);
        }
        return all;
    }

    /** What a record's own constructor lets in. */
    private List<Object> variants(Type generic, Class<?> type) {
        List<Object> all = new ArrayList<>();
        if (!type.isRecord() || !underWay.add(type)) {
            return all;
        }
        try {
            RecordComponent[] components = type.getRecordComponents();
            Constructor<?> constructor = type.getConstructor(
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
            Optional<Object> good = samples.of(generic);
            for (int i = 0; good.isPresent() && i < components.length; i++) {
                boolean open = components[i].getGenericType() instanceof TypeVariable;
                for (Object hostile : open ? List.of() : few(components[i].getGenericType())) {
                    if (hostile != null) {
                        made(constructor, components, good.get(), i, hostile).ifPresent(all::add);
                    }
                }
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        } finally {
            underWay.remove(type);
        }
        return all.size() <= 2 * FEW
                ? all
                : IntStream.range(0, 2 * FEW)
                        .mapToObj(i -> all.get(i * all.size() / (2 * FEW)))
                        .toList();
    }

    /** Empty if it is refused; whether it is refused well is asked where the constructor itself is called. */
    private static Optional<Object> made(
            Constructor<?> constructor, RecordComponent[] components, Object good, int position, Object hostile)
            throws ReflectiveOperationException {
        Object[] arguments = new Object[components.length];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = i == position ? hostile : components[i].getAccessor().invoke(good);
        }
        try {
            return Optional.of(constructor.newInstance(arguments));
        } catch (InvocationTargetException refused) {
            return Optional.empty();
        }
    }

    static String show(Object value) {
        String text;
        try {
            text = value instanceof Object[] array ? Arrays.toString(array) : String.valueOf(value);
        } catch (RuntimeException e) {
            text = "that which throws " + e.getClass().getName() + " in toString";
        }
        if (text == null) {
            return "(no text)";
        }
        var shown = new StringBuilder();
        text.codePoints()
                .limit(60)
                .forEach(c -> shown.append(c < ' ' || c > '~' ? String.format("\\u%04x", c) : Character.toString(c)));
        return text.length() > 60 ? shown + "... (" + text.length() + ")" : shown.toString();
    }
}
