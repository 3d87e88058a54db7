"""Work that is done when the answer is out."""

from pydantic import BaseModel

from examples.tour.backstage import send_email
from examples.tour.typed.dependencies import Stage
from signette import BackgroundTasks, Router

router = Router(tags=["background"])


class Signup(BaseModel, extra="allow"):
    email: str


class SignedUp(BaseModel):
    user_id: int
    message: str


@router.post("/signup")
async def user_signup(data: Signup, backstage: Stage, tasks: BackgroundTasks) -> SignedUp:
    user_id = backstage.create_user(data.model_dump())
    tasks.add_task(send_email, to=data.email, subject="Welcome!", body="Thanks for signing up!")
    return SignedUp(user_id=user_id, message="User created")
