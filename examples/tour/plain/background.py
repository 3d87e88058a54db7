"""Work that is done when the answer is out."""

from examples.tour.backstage import send_email
from signette.background import BackgroundTask
from signette.requests import Request
from signette.responses import JSONResponse, Response
from signette.routing import Route


async def user_signup(request: Request) -> Response:
    data = await request.json()
    if not isinstance(data, dict) or not isinstance(data.get("email"), str):
        return JSONResponse({"error": "An email is needed"}, status_code=400)
    # Create user immediately
    user_id = request.state.backstage.create_user(data)
    # Send welcome email in background
    task = BackgroundTask(send_email, to=data["email"], subject="Welcome!", body="Thanks for signing up!")
    return JSONResponse({"user_id": user_id, "message": "User created"}, background=task)


routes = [
    Route("/signup", user_signup, methods=["POST"]),
]
