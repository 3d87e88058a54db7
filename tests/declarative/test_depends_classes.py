"""`Depends` and `Security` are classes, which type checkers see as such in `signette.params`."""

import copy
import pickle

from signette import Depends, Security, params


def test_a_declaration_is_known_by_its_class() -> None:
    plain, guard = params.Depends(now), params.Security(now, scopes=["read"])
    assert isinstance(plain, Depends)
    assert isinstance(guard, Depends)
    assert isinstance(guard, Security)
    assert not isinstance(plain, Security)
    assert (plain.dependency, plain.use_cache, plain.scope, guard.scopes) == (now, True, None, ("read",))
    assert plain == Depends(now) != Depends(now, use_cache=False)
    assert len({plain, Depends(now), guard, Security(now, scopes=["read"])}) == 2
    for each in (plain, guard, Depends(now, scope="function", max_concurrency=2)):
        assert pickle.loads(pickle.dumps(each)).dependency is now
        assert copy.copy(each) == each
        assert type(copy.copy(each)) is type(each)


def now() -> int:
    return 1
