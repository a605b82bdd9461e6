package dev.berth.fuzz;

import dev.berth.ledger.Owner;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Publication;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Values that nobody objects to, by type. What has no maker of its own is made by its constructors, factories and builders
 * from values that are made the same way.
 */
final class Samples {
    /** What is put in for a text until somebody takes it. */
    private static final List<String> TEXTS =
            List.of("app1", "5001", "abc", "/apps", "lxc/100", "node-1", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private final Map<Class<?>, Supplier<?>> makers = new HashMap<>();
    private final Set<Class<?>> underWay = new HashSet<>();

    Samples() {
        put(String.class, () -> "app1");
        put(CharSequence.class, () -> "app1");
        put(Object.class, () -> "app1");
        put(Object[].class, () -> new Object[] {"app1"});
        put(UUID.class, () -> new UUID(7, 9));
        put(Duration.class, () -> Duration.ofMinutes(1));
        put(Instant.class, () -> NOON);
        put(Clock.class, () -> Clock.fixed(NOON, java.time.ZoneOffset.UTC));
        put(OptionalInt.class, () -> OptionalInt.of(1));
        put(OptionalLong.class, () -> OptionalLong.of(1));
        put(Throwable.class, () -> new IllegalStateException("it failed"));
        put(java.math.BigInteger.class, () -> java.math.BigInteger.TEN);
        put(java.util.random.RandomGenerator.class, () -> new java.util.SplittableRandom(7));
        put(java.util.BitSet.class, java.util.BitSet::new);
        put(char[].class, () -> "a-secret-value".toCharArray());
        put(byte[].class, () -> new byte[16]);
    }

    <T> Samples put(Class<T> type, Supplier<? extends T> maker) {
        makers.put(type, maker);
        return this;
    }

    boolean hasMaker(Class<?> type) {
        return makers.containsKey(type);
    }

    /** A value of the type, or empty if none could be made. */
    Optional<Object> of(Type type) {
        return of(type, 0);
    }

    private Optional<Object> of(Type type, int variant) {
        if (type instanceof Class<?> plain) {
            return ofClass(plain, variant);
        }
        if (type instanceof ParameterizedType generic) {
            return ofGeneric((Class<?>) generic.getRawType(), generic.getActualTypeArguments(), variant);
        }
        if (type instanceof GenericArrayType array) {
            return array(raw(array.getGenericComponentType()), array.getGenericComponentType(), variant);
        }
        if (type instanceof WildcardType wild) {
            return of(wild.getLowerBounds().length > 0 ? wild.getLowerBounds()[0] : wild.getUpperBounds()[0], variant);
        }
        if (type instanceof TypeVariable<?> variable) {
            return of(variable.getBounds()[0], variant);
        }
        return Optional.empty();
    }

    static Class<?> raw(Type type) {
        if (type instanceof Class<?> plain) {
            return plain;
        }
        if (type instanceof ParameterizedType generic) {
            return (Class<?>) generic.getRawType();
        }
        if (type instanceof GenericArrayType array) {
            return raw(array.getGenericComponentType()).arrayType();
        }
        if (type instanceof WildcardType wild) {
            return raw(wild.getUpperBounds()[0]);
        }
        return raw(((TypeVariable<?>) type).getBounds()[0]);
    }

    private Optional<Object> ofGeneric(Class<?> raw, Type[] arguments, int variant) {
        if (raw == Deployment.class) {
            return of(arguments[0], variant).map(Samples::deployment);
        }
        if (makers.containsKey(raw) || raw.getName().startsWith("dev.berth")) {
            return ofClass(raw, variant);
        }
        Optional<Object> first = of(arguments[0], variant);
        if (raw == Optional.class) {
            return Optional.of(first);
        }
        if (raw == Map.class) {
            return of(arguments[1], variant).flatMap(value -> first.map(key -> new HashMap<>(Map.of(key, value))));
        }
        if (raw == Set.class) {
            return first.map(element -> new HashSet<>(Set.of(element)));
        }
        if (raw == List.class || raw == Collection.class || raw == Iterable.class) {
            return first.map(element -> new ArrayList<>(List.of(element)));
        }
        if (raw == Stream.class) {
            return first.map(Stream::of);
        }
        if (raw == Class.class) {
            return Optional.of(String.class);
        }
        return raw.isInterface()
                ? Optional.of(
                        callback(raw, () -> of(arguments[arguments.length - 1]).orElse(null)))
                : ofClass(raw, variant);
    }

    private static Deployment<?> deployment(Object spec) {
        var mark = new Mark(new UUID(1, 2), new UUID(3, 4), "nonce", Owner.of("lab", "app1"));
        return new Deployment<>(spec, Optional.of("app1"), List.of(Publication.tcp(5_001, 80)), mark, Map.of("a", "b"));
    }

    private Optional<Object> ofClass(Class<?> type, int variant) {
        if (type == String.class) {
            return Optional.of(TEXTS.get(variant % TEXTS.size()));
        }
        Supplier<?> maker = makers.get(type);
        if (maker != null) {
            return Optional.ofNullable(maker.get());
        }
        if (type == boolean.class || type == Boolean.class) {
            return Optional.of(true);
        }
        if (type == int.class || type == Integer.class) {
            return Optional.of(1);
        }
        if (type == long.class || type == Long.class) {
            return Optional.of(1L);
        }
        if (type == char.class) {
            return Optional.of('-');
        }
        if (type.isArray()) {
            return array(type.getComponentType(), type.getComponentType(), variant);
        }
        if (type.isEnum()) {
            return Optional.of(type.getEnumConstants()[0]);
        }
        if (!underWay.add(type)) {
            return Optional.empty();
        }
        try {
            return built(type);
        } finally {
            underWay.remove(type);
        }
    }

    private Optional<Object> array(Class<?> component, Type element, int variant) {
        return of(element, variant).map(value -> {
            Object array = Array.newInstance(component, 1);
            Array.set(array, 0, value);
            return array;
        });
    }

    private Optional<Object> built(Class<?> type) {
        if (type.isSealed()) {
            for (Class<?> permitted : type.getPermittedSubclasses()) {
                Optional<Object> made = Modifier.isPublic(permitted.getModifiers()) ? of(permitted) : Optional.empty();
                if (made.isPresent()) {
                    return made;
                }
            }
        }
        List<Executable> ways = new ArrayList<>(List.of(type.getConstructors()));
        for (Method method : type.getMethods()) {
            if (Modifier.isStatic(method.getModifiers()) && method.getReturnType() == type) {
                ways.add(method);
            }
        }
        for (Class<?> nested : type.getClasses()) {
            for (Method method : nested.getMethods()) {
                if (method.getReturnType() == type && method.getName().equals("build")) {
                    ways.add(method);
                }
            }
        }
        Class<?> outer = type.getEnclosingClass();
        if (outer != null && type.getSimpleName().equals("Builder")) {
            for (Method method : outer.getMethods()) {
                if (Modifier.isStatic(method.getModifiers()) && method.getReturnType() == type) {
                    ways.add(method);
                }
            }
        }
        ways.sort(Comparator.comparingInt(Executable::getParameterCount).thenComparing(Executable::toString));
        for (Executable way : ways) {
            Optional<Object> made = Modifier.isAbstract(type.getModifiers()) && way instanceof Constructor
                    ? Optional.empty()
                    : through(way);
            if (made.isPresent()) {
                return made;
            }
        }
        return type.isInterface() && !type.isSealed() ? Optional.of(callback(type, () -> null)) : Optional.empty();
    }

    private Optional<Object> through(Executable way) {
        for (int variant = 0; variant < TEXTS.size(); variant++) {
            try {
                Optional<Object[]> arguments = arguments(way, variant);
                if (arguments.isEmpty()) {
                    return Optional.empty();
                }
                if (way instanceof Constructor<?> constructor) {
                    return Optional.of(constructor.newInstance(arguments.get()));
                }
                Method method = (Method) way;
                Object receiver = Modifier.isStatic(method.getModifiers())
                        ? null
                        : of(method.getDeclaringClass()).orElse(null);
                if (receiver == null && !Modifier.isStatic(method.getModifiers())) {
                    return Optional.empty();
                }
                return Optional.ofNullable(method.invoke(receiver, arguments.get()));
            } catch (InvocationTargetException refused) {
                // The next text, perhaps.
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(way.toString(), e);
            }
        }
        return Optional.empty();
    }

    /** Arguments for a call, or empty if one cannot be made; each variant has other texts. */
    Optional<Object[]> arguments(Executable called, int variant) {
        Type[] types = called.getGenericParameterTypes();
        if (types.length != called.getParameterCount()) {
            types = called.getParameterTypes();
        }
        Object[] made = new Object[types.length];
        for (int i = 0; i < made.length; i++) {
            Optional<Object> one = of(types[i], variant);
            if (one.isEmpty()) {
                return Optional.empty();
            }
            made[i] = one.get();
        }
        return Optional.of(made);
    }

    static int variants() {
        return TEXTS.size();
    }

    /** Somebody's code that Berth calls: it answers what is supplied, and primitives with nothing. */
    Object callback(Class<?> type, Supplier<Object> answer) {
        return Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {type}, (self, method, given) -> {
            if (method.getDeclaringClass() == Object.class) {
                return switch (method.getName()) {
                    case "equals" -> self == given[0];
                    case "hashCode" -> System.identityHashCode(self);
                    default -> "callback";
                };
            }
            Object value = answer.get();
            Class<?> wanted = method.getReturnType();
            if (wanted == void.class) {
                return null;
            }
            if (value != null && wanted.isInstance(value)) {
                return value;
            }
            return wanted.isPrimitive() || method.getReturnType() != Object.class
                    ? of(method.getGenericReturnType()).orElse(null)
                    : value;
        });
    }

    static String show(Object[] arguments) {
        return Arrays.stream(arguments).map(HostileValues::show).toList().toString();
    }
}
