package dev.berth.docker;

import com.github.dockerjava.api.model.HostConfig;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;

/**
 * Copies a host configuration, part by part. It has some seventy of them, more with each version, and no way to be copied; as
 * data of JSON it would not survive, for docker-java cannot read all that it writes.
 */
final class HostConfigCopy {
    private HostConfigCopy() {}

    static HostConfig of(HostConfig given) {
        try {
            HostConfig copy = empty(given.getClass());
            for (Class<?> type = copy.getClass(); type != null; type = type.getSuperclass()) {
                for (Field part : type.getDeclaredFields()) {
                    if (!Modifier.isStatic(part.getModifiers())) {
                        part.setAccessible(true);
                        part.set(copy, part.get(given));
                    }
                }
            }
            return copy;
        } catch (ReflectiveOperationException | RuntimeException unable) {
            throw new RefusedException(
                    "a host configuration of " + given.getClass() + " cannot be copied; take a plain HostConfig: "
                            + unable,
                    unable);
        }
    }

    /** One of a class that cannot be made, such as an anonymous one, becomes a plain one. */
    private static HostConfig empty(Class<? extends HostConfig> type) throws ReflectiveOperationException {
        try {
            Constructor<? extends HostConfig> constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            return constructor.newInstance();
        } catch (NoSuchMethodException none) {
            return new HostConfig();
        }
    }
}
