"""Background tasks."""

from typing import Annotated

from signette import BackgroundTasks, Depends, Router, status

router = Router(tags=["jobs"])
DONE: list[str] = []


def write(line: str, times: int = 1) -> None:
    DONE.extend([line] * times)


def note(tasks: BackgroundTasks, q: str | None = None) -> str | None:
    if q:
        tasks.add_task(write, f"found {q}")
    return q


@router.post("/jobs/{name}", status_code=status.HTTP_202_ACCEPTED)
async def job(name: str, tasks: BackgroundTasks, q: Annotated[str | None, Depends(note)]) -> dict[str, object]:
    tasks.add_task(write, f"watered {name}", times=2)
    return {"message": "It will be done", "q": q}


@router.get("/done")
async def done() -> list[str]:
    return DONE


@router.api_route("/rain", methods=["PUT", "POST"])
async def rain() -> dict[str, bool]:
    return {"rain": True}
