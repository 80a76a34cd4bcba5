"""The icons in use, by their names in the Tabler set; set-up builds one sprite of exactly these."""

ICONS = frozenset(
    """
    adjustments alarm alert-circle alert-triangle ambulance archive arrow-back-up arrow-left arrow-right
    arrow-up award ban bed bell book book-2 books briefcase brush building building-bank
    building-community building-factory-2 bulb bus calendar calendar-event calendar-time camera cash
    chart-bar chart-dots chart-line check checklist checks chevron-down chevron-left chevron-right
    chevron-up circle-check circle-dashed circle-x clipboard clipboard-check clipboard-list clock
    clock-exclamation cloud-off cloud-upload coin copy credit-card database device-mobile dots download
    edit external-link eye eye-off file file-certificate file-check file-export file-import file-text
    filter fingerprint first-aid-kit flag flame folder gavel gift hammer hash heart heart-handshake
    helmet help help-circle history home hourglass id inbox info-circle key language layout-dashboard
    letter-case link list list-check list-details loader lock lock-open login logout mail map-2 map-pin
    medal menu-2 message message-2 message-circle messages microphone microscope minus mood-happy
    mood-sad network news notebook notes package paperclip pencil phone photo photo-plus player-play
    player-stop plus presentation printer qrcode receipt receipt-yuan refresh report report-analytics
    report-money road route scale school search send settings shield shield-check shield-lock signature
    sitemap star stethoscope sun tag target thumb-down thumb-up tool tools tools-kitchen-2 trash trophy
    truck umbrella upload user user-check user-circle user-plus user-search users users-group video
    wallet world x zoom-check
    """.split()  # noqa: SIM905 - a list of a hundred names reads better as words
)
