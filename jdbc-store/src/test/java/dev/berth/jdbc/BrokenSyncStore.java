package dev.berth.jdbc;

import dev.berth.sync.Digest;
import dev.berth.sync.Lookup;
import dev.berth.sync.Note;
import dev.berth.sync.RowFaultException;
import dev.berth.sync.SyncSession;
import dev.berth.sync.SyncStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Stores that break one law each, and are sound else. */
enum BrokenSyncStore {
    COMMITS_WHAT_FAILED("exceptionUndoesRows") {
        @Override
        Object transact(SyncStore store, SyncStore.Work<?> work) throws RowFaultException {
            List<RuntimeException> thrown = new ArrayList<>();
            Object result = store.transact(session -> {
                try {
                    return work.run(session);
                } catch (RuntimeException failed) {
                    thrown.add(failed);
                    return null;
                }
            });
            if (!thrown.isEmpty()) {
                throw thrown.get(0);
            }
            return result;
        }
    },
    KEEPS_HALF_OF_AN_ATTEMPT("attemptIsUndoneAlone") {
        @Override
        Object call(SyncSession session, Method method, Object... arguments) throws Throwable {
            if (method.getName().equals("attempt")) {
                ((SyncSession.Part) arguments[0]).run();
                return null;
            }
            return super.call(session, method, arguments);
        }
    },
    BEGINS_PAGES_ANEW("pagesHaveEveryRowOnce") {
        @Override
        Object call(SyncSession session, Method method, Object... arguments) throws Throwable {
            if (method.getName().equals("page")) {
                arguments[1] = Optional.empty();
            }
            return super.call(session, method, arguments);
        }
    },
    KNOWS_NO_ORPHANS("orphansAreTold") {
        @Override
        Object call(SyncSession session, Method method, Object... arguments) throws Throwable {
            Object result = super.call(session, method, arguments);
            if (!method.getName().equals("find")) {
                return result;
            }
            return ((List<?>) result)
                    .stream()
                            .map(Lookup.class::cast)
                            .map(one -> new Lookup(one.found(), List.of(), one.sameAs()))
                            .toList();
        }
    },
    COUNTS_WHAT_IT_WAS_GIVEN("goneRowIsNotCounted") {
        @Override
        Object call(SyncSession session, Method method, Object... arguments) throws Throwable {
            Object result = super.call(session, method, arguments);
            boolean writes =
                    method.getName().equals("update") || method.getName().equals("delete");
            return writes ? ((Collection<?>) arguments[1]).size() : result;
        }
    },
    GIVES_NOTES_BACKWARDS("notesComeInOrder") {
        @Override
        Object call(SyncSession session, Method method, Object... arguments) throws Throwable {
            Object result = super.call(session, method, arguments);
            if (!method.getName().equals("notesAfter")) {
                return result;
            }
            List<Object> notes = new ArrayList<>((List<?>) result);
            Collections.reverse(notes);
            return notes;
        }
    },
    KEEPS_ONE_BOOK("booksAreApart") {
        @Override
        Object call(SyncSession session, Method method, Object... arguments) throws Throwable {
            boolean isOfNotes = arguments != null && arguments.length > 0 && arguments[0] instanceof String;
            if (isOfNotes) {
                arguments[0] = "book";
            }
            return super.call(session, method, arguments);
        }
    },
    COUNTS_WHAT_NOBODY_CAPTURES("endedCaptureTellsNothing") {
        @Override
        Object call(SyncSession session, Method method, Object... arguments) throws Throwable {
            Object result = super.call(session, method, arguments);
            return OptionalLong.empty().equals(result) ? OptionalLong.of(0) : result;
        }
    },
    FORGETS_WHEN("buriedRowsKeepTheTime") {
        @Override
        Object call(SyncSession session, Method method, Object... arguments) throws Throwable {
            if (method.getName().equals("bury")) {
                arguments[2] = Instant.EPOCH;
            }
            return super.call(session, method, arguments);
        }
    },
    BURIES_NOTHING("buriedRowsAreMarked") {
        @Override
        Object call(SyncSession session, Method method, Object... arguments) throws Throwable {
            return method.getName().equals("bury") ? null : super.call(session, method, arguments);
        }
    },
    KEEPS_WHAT_IS_REMOVED("removalIsSafeToRepeat") {
        @Override
        Object call(SyncSession session, Method method, Object... arguments) throws Throwable {
            return method.getName().equals("remove") ? null : super.call(session, method, arguments);
        }
    },
    CUTS_NOTES("notesAreReadByTheirIds") {
        @Override
        Object call(SyncSession session, Method method, Object... arguments) throws Throwable {
            if (method.getName().equals("notes")) {
                Collection<?> ids = (Collection<?>) arguments[1];
                arguments[1] = ids.stream().map(Digest.class::cast).limit(1).toList();
            }
            return super.call(session, method, arguments);
        }
    },
    FORGETS_PLACES("notesAreReadByTheirPlaces") {
        @Override
        Object call(SyncSession session, Method method, Object... arguments) throws Throwable {
            if (method.getName().equals("put")) {
                arguments[1] = ((Collection<?>) arguments[1])
                        .stream()
                                .map(Note.class::cast)
                                .map(note -> Note.of(note.id(), note.text()))
                                .toList();
            }
            return super.call(session, method, arguments);
        }
    },
    FORGETS_NO_CHANGES("laterChangeIsNotForgotten") {
        @Override
        Object call(SyncSession session, Method method, Object... arguments) throws Throwable {
            return method.getName().equals("forget") ? null : super.call(session, method, arguments);
        }
    },
    CAPTURES_WITHOUT_A_WORD("captureSaysWhatIsFresh") {
        @Override
        Object call(SyncStore store, Method method, Object... arguments) throws Throwable {
            Object result = super.call(store, method, arguments);
            return method.getName().equals("startCapture") ? List.of() : result;
        }
    },
    NEVER_ENDS_CAPTURE("endedCaptureTellsNothing") {
        @Override
        Object call(SyncStore store, Method method, Object... arguments) throws Throwable {
            return method.getName().equals("endCapture") ? null : super.call(store, method, arguments);
        }
    };

    private final String law;

    BrokenSyncStore(String law) {
        this.law = law;
    }

    /** The law that catches it. */
    String law() {
        return law;
    }

    SyncStore of(SyncStore sound) {
        return (SyncStore) Proxy.newProxyInstance(
                BrokenSyncStore.class.getClassLoader(),
                new Class<?>[] {SyncStore.class},
                (proxy, method, arguments) -> call(sound, method, arguments));
    }

    Object call(SyncStore store, Method method, Object... arguments) throws Throwable {
        if (method.getName().equals("transact") || method.getName().equals("read")) {
            SyncStore.Work<?> work = (SyncStore.Work<?>) arguments[0];
            return transact(store, session -> work.run(broken(session)));
        }
        return invoke(store, method, arguments);
    }

    Object transact(SyncStore store, SyncStore.Work<?> work) throws RowFaultException {
        return store.transact(work);
    }

    private SyncSession broken(SyncSession sound) {
        return (SyncSession) Proxy.newProxyInstance(
                BrokenSyncStore.class.getClassLoader(),
                new Class<?>[] {SyncSession.class},
                (proxy, method, arguments) -> call(sound, method, arguments));
    }

    Object call(SyncSession session, Method method, Object... arguments) throws Throwable {
        return invoke(session, method, arguments);
    }

    private static Object invoke(Object target, Method method, Object... arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException failed) {
            throw failed.getCause();
        }
    }
}
