<div></div>
