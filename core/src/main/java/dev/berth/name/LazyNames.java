package dev.berth.name;

import java.util.AbstractList;
import java.util.Objects;
import java.util.RandomAccess;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntFunction;

/**
 * Names that are made when they are first looked at, because nearly always the first one is free and the others would be
 * hashed for nothing. Unmodifiable, and safe for use by many threads: whoever makes a name makes the same.
 */
final class LazyNames extends AbstractList<String> implements RandomAccess {
    private final AtomicReferenceArray<String> made;
    private final IntFunction<String> maker;

    LazyNames(int size, IntFunction<String> maker) {
        this.made = new AtomicReferenceArray<>(size);
        this.maker = maker;
    }

    @Override
    public String get(int index) {
        Objects.checkIndex(index, made.length());
        String name = made.get(index);
        if (name == null) {
            name = maker.apply(index);
            made.set(index, name);
        }
        return name;
    }

    @Override
    public int size() {
        return made.length();
    }
}
