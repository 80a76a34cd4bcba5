"""Voice notes become mono AAC in an MP4 file, which every phone plays; tags, covers and dates fall away."""

import io
from collections.abc import Iterator

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.codec.context import Flags
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.stream import Disposition

from lianxin.kernel.files.faults import Fault
from lianxin.kernel.files.limits import Limits

RATE = 24_000
BIT_RATE = 32_000
_FRAME = 1024
_SHORTEST = 0.2
# FFmpeg knows hundreds of codecs; phones and browsers record with these.
_CODECS = (
    "amrnb,libopencore_amrnb,amrwb,libopencore_amrwb,aac,aac_fixed,mp3float,mp3,opus,libopus,vorbis,"
    "pcm_s16le,pcm_s24le,pcm_s32le,pcm_u8,pcm_f32le,pcm_alaw,pcm_mulaw"
)


def recode_voice(content: bytes, form: str, limits: Limits) -> bytes:
    """The MP4 to keep. ``form`` is FFmpeg's name of the container, so that no other demuxer is tried.

    Raises ``Fault``: ``voice_too_long``, ``voice_unreadable`` (nothing to hear in it), ``voice_is_video``.
    """
    sink = io.BytesIO()
    try:
        with av.open(
            io.BytesIO(content),
            "r",
            format=form,
            metadata_errors="ignore",
            options={"codec_whitelist": _CODECS, "protocol_whitelist": "none"},
        ) as source:
            _check_streams(source)
            with av.open(sink, "w", format="ipod", options={"fflags": "+bitexact"}) as target:
                _encode(source, target, limits.voice_seconds)
    except Fault:
        raise
    except Exception as error:  # a decoder fed with hostile bytes may raise anything at all
        raise Fault("voice_unreadable") from error
    return sink.getvalue()


def _check_streams(source: InputContainer) -> None:
    if any(not stream.disposition & Disposition.attached_pic for stream in source.streams.video):
        raise Fault("voice_is_video")
    if not source.streams.audio:
        raise Fault("voice_unreadable")


def _encode(source: InputContainer, target: OutputContainer, most_seconds: int) -> None:
    stream = target.add_stream("aac", rate=RATE, layout="mono")
    stream.bit_rate = BIT_RATE
    stream.codec_context.flags |= Flags.bitexact
    resampler = AudioResampler(format="fltp", layout="mono", rate=RATE, frame_size=_FRAME)
    samples = 0
    for frame in _heard(source):
        for even in resampler.resample(frame):
            samples += even.samples
            if samples > most_seconds * RATE:
                raise Fault("voice_too_long")
            target.mux(stream.encode(even))
    for even in resampler.resample(None):
        samples += even.samples
        target.mux(stream.encode(even))
    if samples < _SHORTEST * RATE:
        raise Fault("voice_unreadable")
    target.mux(stream.encode(None))


def _heard(source: InputContainer) -> Iterator[AudioFrame]:
    """Every frame that can be decoded: a bad packet in the middle loses a moment, not the note."""
    packets = source.demux(source.streams.audio[0])
    while True:
        try:
            packet = next(packets)
        except (StopIteration, FFmpegError):
            return
        try:
            frames = packet.decode()
        except FFmpegError:
            continue
        for frame in frames:
            frame.pts = None
            yield frame
