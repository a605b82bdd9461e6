package dev.berth.docker;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** Lets one thread at a time work with a thing; who waits can be interrupted. */
final class OneAtATime {
    private final Set<Object> busy = Collections.newSetFromMap(new IdentityHashMap<>());

    synchronized void begin(Object thing) throws InterruptedException {
        while (busy.contains(thing)) {
            wait();
        }
        busy.add(thing);
    }

    synchronized void end(Object thing) {
        busy.remove(thing);
        notifyAll();
    }
}
