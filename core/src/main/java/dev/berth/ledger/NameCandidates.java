package dev.berth.ledger;

import java.util.List;
import java.util.Map;

/** Generated names, each made a resource when it is looked at: nearly always the first is free. */
final class NameCandidates implements Candidates {
    private final ResourceKind kind;
    private final Scope scope;
    private final List<String> names;
    private final String describe;
    private final Map<String, Resource> first;

    NameCandidates(ResourceKind kind, Scope scope, List<String> names, String describe) {
        this.kind = kind;
        this.scope = scope;
        this.names = names;
        this.describe = describe;
        this.first = make(0);
    }

    private Map<String, Resource> make(int position) {
        return Map.of(SOLE_ROLE, kind.in(scope, names.get(position)));
    }

    @Override
    public int size() {
        return names.size();
    }

    @Override
    public int start() {
        return 0;
    }

    @Override
    public boolean isExcluded(int position) {
        return false;
    }

    @Override
    public Map<String, Resource> group(int position) {
        return position == 0 ? first : make(position);
    }

    @Override
    public String describe() {
        return describe;
    }
}
