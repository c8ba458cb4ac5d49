"""Every peer by its name in the table."""

from pathlib import Path

from deploy.bench.install import HOME
from deploy.bench.peers import Peer
from deploy.bench.peers.flask_socketio import FlaskSocketIo
from deploy.bench.peers.nchan import Nchan
from deploy.bench.peers.ours import Ours, OursToAck
from deploy.bench.peers.socketio import SocketIo
from deploy.bench.peers.tutorial import Tutorial, TutorialPubSub
from deploy.bench.peers.ws import PlainWs

PEERS: dict[str, type[Peer]] = {
    peer.name: peer for peer in (Ours, OursToAck, Tutorial, TutorialPubSub, FlaskSocketIo, SocketIo, PlainWs, Nchan)
}


def home_of(peer: type[Peer]) -> Path:
    return HOME / peer.__module__.rpartition(".")[2]
